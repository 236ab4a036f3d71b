import { readdirSync, readFileSync } from 'node:fs'

/** One process of /proc; `startTicks` tells a later process with the same id apart. */
export interface ProcessEntry {
  pid: number
  parentPid: number
  startTicks: string
  command: string
  /** User and system time so far, s. */
  cpuSeconds: number
  residentBytes: number
}

const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

/** Every process that /proc shows, zombies left out. Linux only. */
export function processTable(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        if (fields[0] === 'Z') return []
        const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').join(' ').trim()
        const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
        const residentBytes = Number(fields[21]) * PAGE_BYTES
        const startTicks = fields[19] ?? ''
        return [{ pid: Number(name), parentPid: Number(fields[1]), startTicks, command, cpuSeconds, residentBytes }]
      } catch {
        // It ended between the listing and the look.
        return []
      }
    })
}

/** A process and all that it started, directly or not. */
export function familyOf(pid: number, table = processTable()): ProcessEntry[] {
  const family = table.filter((entry) => entry.pid === pid)
  for (let at = 0; at < family.length; at++) {
    family.push(...table.filter((entry) => entry.parentPid === family[at]?.pid))
  }
  return family
}

/** Those of `before` that still run. */
export function survivors(before: ProcessEntry[]): ProcessEntry[] {
  const now = new Map(processTable().map((entry) => [entry.pid, entry]))
  return before.filter(({ pid, startTicks }) => now.get(pid)?.startTicks === startTicks)
}
