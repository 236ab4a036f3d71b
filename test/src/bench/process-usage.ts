import { familyOf, type ProcessEntry, processTable } from '../platform/process-table.js'

/** What one part of the platform used while it was watched. */
export interface Usage {
  name: string
  /** CPU time over wall time: 1 is one core busy all the time. */
  cores: number
  /** Largest resident memory seen, MB. */
  residentMb: number
}

const SAMPLE_MS = 1000

/** Watches processes by name, each with all that it started; `stop` gives what they used since. */
export function watchUsage(pids: Record<string, number>): { stop(): Usage[] } {
  const beganMs = performance.now()
  const cpuOf = (family: ProcessEntry[]) => family.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  const families = () => {
    const table = processTable()
    return Object.entries(pids).map(([name, pid]) => ({ name, family: familyOf(pid, table) }))
  }
  const before = new Map(families().map(({ name, family }) => [name, cpuOf(family)]))
  const resident = new Map<string, number>()
  const sample = () => {
    for (const { name, family } of families()) {
      const bytes = family.reduce((sum, { residentBytes }) => sum + residentBytes, 0)
      resident.set(name, Math.max(resident.get(name) ?? 0, bytes))
    }
  }
  sample()
  const timer = setInterval(sample, SAMPLE_MS)
  return {
    stop() {
      clearInterval(timer)
      sample()
      const seconds = (performance.now() - beganMs) / 1000
      return families().map(({ name, family }) => ({
        name,
        cores: Math.round(((cpuOf(family) - (before.get(name) ?? 0)) / seconds) * 1000) / 1000,
        residentMb: Math.round((resident.get(name) ?? 0) / 1e6),
      }))
    },
  }
}
