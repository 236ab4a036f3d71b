import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { endGroup, waitForGroup } from './group.js'

/** A shell with a child that says when it runs (a signal just after a fork may be lost); `trap` is what the shell does. */
async function startGroup(trap: string): Promise<number> {
  const child = spawn(
    'sh',
    ['-c', `trap '${trap}' TERM; sh -c 'echo up; exec sleep 600' & while :; do sleep 0.05; done`],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  await once(createInterface({ input: child.stdout }), 'line')
  return child.pid ?? 0
}

describe('process group', () => {
  it('a grandchild is not left behind', async () => {
    const group = await startGroup('exit 0')
    const begun = Date.now()
    await endGroup(group, 60_000)
    expect(Date.now() - begun).toBeLessThan(30_000)
    expect(await waitForGroup(group, 0)).toBe(true)
  }, 60_000)

  it('a process that ignores the request to end is killed after the grace', async () => {
    const group = await startGroup('')
    await endGroup(group, 200)
    expect(await waitForGroup(group, 0)).toBe(true)
  })

  it('a group that is gone already is no error', async () => {
    await endGroup(2 ** 22 - 3, 100)
  })
})
