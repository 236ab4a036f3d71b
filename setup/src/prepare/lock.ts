import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isRunning } from '../process-identity.js'

/** How waiting for the lock is shown; how its holder's life is told, replaced in tests. */
export interface LockOptions {
  /** Called once when somebody else holds the lock, with that process's id. */
  readonly onWait?: (pid: number) => void
  readonly pollMs?: number
  readonly isAlive?: (identity: string) => boolean
}

/**
 * Runs `work` while holding the lock file, so that two set-ups never write the same cache at once. A lock whose holder
 * is gone (killed, power cut) is taken over. Waits without limit: the holder shows progress of its own.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { onWait, pollMs = 500, isAlive = isRunning } = options
  await mkdir(dirname(path), { recursive: true })
  for (let waited = false; ; ) {
    try {
      const handle = await open(path, 'wx')
      await handle.writeFile(identify(process.pid) ?? '')
      await handle.close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await readFile(path, 'utf8').catch(() => '')
    // An empty file is a lock that is being written at this moment, or one whose writer died between two calls.
    if (holder === '' ? waited : !isAlive(holder)) {
      await rm(path, { force: true })
      continue
    }
    if (!waited && holder !== '') onWait?.(Number(holder.split(':')[0]))
    waited = true
    await sleep(pollMs)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}
