import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Signals every process of a group; false when none is left, not even one that only waits to be reaped. */
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

/** Waits until no process of the group runs; answers whether that was so within `ms`. */
export async function waitForGroup(group: number, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; await isGroupRunning(group); ) {
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
  for (const { pid, tracker } of await listGroup(group)) if (!tracker) killOne(pid)
  if (await waitForGroup(group, TIDY_MS)) return
  signalGroup(group, 'SIGKILL')
  await waitForGroup(group, TIDY_MS)
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself in between.
  }
}

/** A process that ended but was not reaped does not count: in a container, orphans may stay so for ever. */
async function isGroupRunning(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false
  return process.platform !== 'linux' || (await listGroup(group)).length > 0
}

interface Member {
  readonly pid: number
  /** Whether it is Python's resource tracker. */
  readonly tracker: boolean
}

/** The group's running processes (Linux; elsewhere none). */
async function listGroup(group: number): Promise<Member[]> {
  const entries = await readdir('/proc').catch(() => [])
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number)
  const members = await Promise.all(pids.map((pid) => readMember(group, pid)))
  return members.filter((member) => member !== undefined)
}

async function readMember(group: number, pid: number): Promise<Member | undefined> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  // After the command's name, which is in brackets and may hold anything: state, parent, process group.
  const [state, , processGroup] = (await read('stat')).split(') ').at(-1)?.split(' ') ?? []
  if (Number(processGroup) !== group || state === 'Z' || state === 'X') return undefined
  return { pid, tracker: (await read('cmdline')).includes('resource_tracker') }
}
