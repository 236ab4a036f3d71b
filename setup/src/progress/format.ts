/** Bytes as people write them: 512 B, 98.4 MB, 3.8 GB (powers of 1000, as download pages count). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** A duration as people write it: 0.4 s, 12 s, 3 min 05 s. */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}

/** How far a step is. `total` 0 means unknown. */
export interface StepState {
  readonly title: string
  readonly done: number
  readonly total: number
  readonly unit: 'bytes' | 'packages'
  readonly note: string
}

/** One step on one line: title, percent, amounts, what it is doing. Never longer than `columns`. */
export function formatStep(step: StepState, columns = Number.POSITIVE_INFINITY): string {
  const amount = (value: number) => (step.unit === 'bytes' ? formatBytes(value) : String(value))
  const parts = [step.title]
  if (step.total > 0) {
    const done = Math.min(step.done, step.total)
    const unit = step.unit === 'packages' ? ' packages' : ''
    parts.push(`${Math.floor((100 * done) / step.total)} %`, `${amount(done)} of ${amount(step.total)}${unit}`)
  } else if (step.done > 0) {
    parts.push(amount(step.done))
  }
  if (step.note) parts.push(step.note)
  return clip(parts.join('  '), columns)
}

/** Cuts a line to the terminal's width, so that overwriting it with a carriage return works. */
export function clip(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`
}
