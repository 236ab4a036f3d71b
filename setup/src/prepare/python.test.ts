import { describe, expect, it } from 'vitest'
import { findPython } from './python.js'

const machine = (programs: Record<string, string | Error>) => async (program: string) => {
  const answer = programs[program] ?? new Error('spawn ENOENT')
  if (answer instanceof Error) throw answer
  return answer
}

describe('finding Python', () => {
  it('an old python3 is passed over for a newer one beside it', async () => {
    const found = await findPython(undefined, machine({ 'python3.12': '3.12', python3: '3.9' }))
    expect(found).toEqual({ program: 'python3.12', version: '3.12' })
  })

  it('without any Python 3.11 the message says what was found and what to do', async () => {
    const failure = await findPython(undefined, machine({ python3: '3.9' })).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'SetupFailure' })
    expect(String(failure)).toContain('python3: version 3.9')
    expect(failure).toHaveProperty('remedy', expect.stringContaining('HOTLINE_PYTHON'))
  })

  it('a Debian Python without venv gets the name of the package', async () => {
    const bare = machine({ 'python3.11': new Error("ModuleNotFoundError: No module named 'ensurepip'") })
    await expect(findPython(undefined, bare)).rejects.toThrow('apt install python3-venv')
  })

  it('HOTLINE_PYTHON is not silently replaced by another Python', async () => {
    const two = machine({ '/opt/py': '3.10', 'python3.11': '3.11' })
    await expect(findPython('/opt/py', two)).rejects.toThrow('/opt/py: version 3.10')
  })

  it('a Python too new for the pinned wheels is refused', async () => {
    await expect(findPython('p', machine({ p: '3.14' }))).rejects.toThrow('version 3.14')
  })
})
