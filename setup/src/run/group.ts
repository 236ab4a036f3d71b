import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Signals every process of a group; false when none is left. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const POLL_MS = 50
/** How long helpers may take to tidy up (shared memory, for example) after those they serve were killed. */
const TIDY_MS = 1_000

/** Waits until no process of the group is left; answers whether that was so within `ms`. */
export async function waitForGroup(group: number, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; signalGroup(group, 0); ) {
    if (Date.now() >= end) return false
    await sleep(POLL_MS)
  }
  return true
}

/**
 * Ends a whole group: asks, waits up to `graceMs`, then kills. Python's resource tracker is killed last: it frees the
 * shared memory of workers that were killed, as soon as they are gone.
 */
export async function endGroup(group: number, graceMs: number): Promise<void> {
  if (!signalGroup(group, 'SIGTERM') || (await waitForGroup(group, graceMs))) return
  for (const pid of await listGroup(group)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself in between.
    }
  }
  if (await waitForGroup(group, TIDY_MS)) return
  signalGroup(group, 'SIGKILL')
  await waitForGroup(group, TIDY_MS)
}

/** The group's processes without resource trackers (Linux; elsewhere none, and the group is killed as a whole). */
async function listGroup(group: number): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => [])
  const members = await Promise.all(
    entries.filter((entry) => /^\d+$/.test(entry)).map((entry) => isWorkerOf(group, Number(entry))),
  )
  return members.filter((pid) => pid !== undefined)
}

async function isWorkerOf(group: number, pid: number): Promise<number | undefined> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  // After the command's name, which is in brackets and may hold anything: state, parent, process group.
  const fields = (await read('stat')).split(') ').at(-1)?.split(' ') ?? []
  if (Number(fields[2]) !== group) return undefined
  return (await read('cmdline')).includes('resource_tracker') ? undefined : pid
}
