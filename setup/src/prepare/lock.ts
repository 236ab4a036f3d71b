import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How the lock tells whether its holder still lives; replaced in tests. */
export interface LockOptions {
  /** Called once when somebody else holds the lock, with that process's id. */
  readonly onWait?: (pid: number) => void
  readonly pollMs?: number
  readonly isAlive?: (pid: number) => boolean
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Runs `work` while holding the lock file, so that two set-ups never write the same cache at once. A lock whose holder
 * is gone (killed, power cut) is taken over. Waits without limit: the holder shows progress of its own.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { onWait, pollMs = 500, isAlive = processLives } = options
  await mkdir(dirname(path), { recursive: true })
  for (let waited = false; ; ) {
    try {
      const handle = await open(path, 'wx')
      await handle.writeFile(String(process.pid))
      await handle.close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    // An empty file is a lock that is being written at this moment, or one whose writer died between two calls.
    if (holder > 0 ? !isAlive(holder) || holder === process.pid : waited) {
      await rm(path, { force: true })
      continue
    }
    if (!waited && holder > 0) onWait?.(holder)
    waited = true
    await sleep(pollMs)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}
