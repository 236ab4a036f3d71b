import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export class FolderInUseError extends Error {
  override name = 'FolderInUseError'
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process began, in the kernel's ticks, so that a process id used anew is told apart; '' where unknown. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

/**
 * Takes a folder for this process alone: an embedded database allows one writer. A lock that a dead process left is
 * taken over. Returns its release. @throws FolderInUseError
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'hotline.lock')
  const mine = `${process.pid} ${await startOf(process.pid)}`
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(path, mine, { flag: 'wx' })
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const [pidText = '', start = ''] = (await readFile(path, 'utf8').catch(() => '')).split(' ')
    const pid = Number.parseInt(pidText, 10)
    if (pid > 0 && isAlive(pid) && (await startOf(pid)) === start) {
      throw new FolderInUseError(
        `${folder} is in use by process ${pid}; stop it, or set DATABASE_URL to a Postgres server`,
      )
    }
    await rm(path, { force: true })
  }
  throw new FolderInUseError(`${folder} is being taken by another process`)
}
