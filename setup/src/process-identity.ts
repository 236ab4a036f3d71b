import { readFileSync } from 'node:fs'

/** Names a process beyond the reuse of its id: "id:start time" on Linux, "id:" elsewhere. Undefined when it is gone. */
export function identify(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  try {
    // After the command's name, in brackets: state is field 3, start time in clock ticks since boot field 22.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return `${pid}:${fields[19] ?? ''}`
  } catch {
    return `${pid}:`
  }
}

/** Whether the process that `identify` once named still runs, and is not this one. */
export function isRunning(identity: string): boolean {
  const pid = Number(identity.split(':')[0])
  return Number.isInteger(pid) && pid > 0 && pid !== process.pid && identify(pid) === identity
}
