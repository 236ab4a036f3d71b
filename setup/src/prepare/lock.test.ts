import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from './lock.js'

describe('set-up lock', () => {
  let folder = ''
  let lock = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'))
    lock = join(folder, 'setup.lock')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('a set-up that was killed does not block the next one for ever', async () => {
    await writeFile(lock, '4242:7')
    expect(await withLock(lock, async () => 'ran', { isAlive: () => false, pollMs: 1 })).toBe('ran')
  })

  it('a lock file that was left empty by a crash does not block the next one for ever', async () => {
    await writeFile(lock, '')
    expect(await withLock(lock, async () => 'ran', { pollMs: 1 })).toBe('ran')
  })

  it('two set-ups do not write the cache at once', async () => {
    await writeFile(lock, '4242:7')
    let alive = true
    const waitedFor: number[] = []
    const second = withLock(lock, async () => alive, {
      isAlive: () => alive,
      pollMs: 1,
      onWait: (pid) => {
        waitedFor.push(pid)
        alive = false
      },
    })
    expect(await second).toBe(false)
    expect(waitedFor).toEqual([4242])
  })

  it('a step that fails lets go of the lock', async () => {
    await expect(withLock(lock, () => Promise.reject(new Error('full')))).rejects.toThrow('full')
    expect(await withLock(lock, async () => 'ran', { isAlive: () => true, pollMs: 1 })).toBe('ran')
  })
})
