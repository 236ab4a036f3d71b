import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failureText, SetupFailure } from '../failure.js'
import { ChildFailure } from './child.js'
import { checkFreeSpace, explainFullDisk } from './disk.js'

describe('a full disk', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disk-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const roomy = async () => 50e9
  const explained = async (error: unknown, measure: (folder: string) => Promise<number> = roomy) =>
    failureText(await explainFullDisk(error, { cache: '/cache', models: '/big/models' }, measure))

  it('set-up does not begin when what it will write does not fit, folders on one disk taken together', async () => {
    const need = (name: string, variable: string, bytes: number) => ({ folder: join(folder, name), variable, bytes })
    await checkFreeSpace([need('a', 'HOTLINE_CACHE', 1), need('b', 'HOTLINE_MODELS', 1)])
    const failure = await checkFreeSpace([need('a', 'HOTLINE_CACHE', 2e15), need('b', 'HOTLINE_MODELS', 3e15)]).catch(
      (error: unknown) => error,
    )
    const text = failureText(failure)
    expect(text).toContain(`${join(folder, 'a')} has `)
    expect(text).toContain('set-up still needs about 5000 TB')
    expect(text).toContain('Free some space, or set HOTLINE_CACHE to a folder on a larger disk, and start again')
  })

  it('the line that tells it is shown without the rest of what a program said', async () => {
    const output = 'Collecting torch\nERROR: [Errno 28] No space left on device\nnotice: a new release of pip'
    const text = await explained(new ChildFailure('python', 'ended with 1', output))
    expect(text).toContain('The disk is full.')
    expect(text).toContain('[Errno 28] No space left on device')
    expect(text).not.toContain('Collecting')
    expect(text).toContain('HOTLINE_CACHE or HOTLINE_MODELS or TMPDIR to a folder on a larger disk')
  })

  it('it is told apart when a write of our own meets it, or a program takes it for trouble of another kind', async () => {
    const own = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    expect(await explained(own)).toContain('The disk is full.')
    const npm = new SetupFailure('npm could not fetch it.\nnpm error code ENOSPC', 'Check the network.')
    const text = await explained(npm)
    expect(text).toContain('npm error code ENOSPC')
    expect(text).not.toContain('Check the network')
  })

  it('the disk is looked at when a program does not say why it failed, and only the full one is named', async () => {
    const venv = new ChildFailure('python3', 'ended with 1', "Error: Command 'ensurepip' returned exit status 1.")
    const text = await explained(venv, async (path) => (path === '/cache' ? 4_096 : 50e9))
    expect(text).toContain('/cache has 4.1 kB free now (HOTLINE_CACHE).')
    expect(text).toContain('ensurepip')
    expect(text).toContain('Free some space, or set HOTLINE_CACHE to a folder on a larger disk')
    expect(text).not.toContain('/big/models')
  })

  it('a failure of another kind stays what it is', async () => {
    const failure = new SetupFailure('pip finds no torch', 'Check `pip config list`.')
    expect(await explainFullDisk(failure, { cache: '/cache', models: '/models' }, roomy)).toBe(failure)
  })
})
