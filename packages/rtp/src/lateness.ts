/** How late timer ticks ran, as a histogram with fixed bounds. */
export interface Lateness {
  /** Upper bounds of the buckets, ms; the last bucket holds all that is above. */
  boundsMs: readonly number[]
  /** Ticks per bucket, one more than there are bounds. */
  counts: number[]
  ticks: number
  sumMs: number
  maxMs: number
  /** Ticks left out because the process had stood still for longer than the catch-up. */
  skippedTicks: number
}

const BOUNDS_MS: readonly number[] = [0.5, 1, 2, 5, 10, 20, 50, 100, 500]

/** An empty histogram. */
export function createLateness(): Lateness {
  return {
    boundsMs: BOUNDS_MS,
    counts: new Array<number>(BOUNDS_MS.length + 1).fill(0),
    ticks: 0,
    sumMs: 0,
    maxMs: 0,
    skippedTicks: 0,
  }
}

/** Counts one tick that ran this late. */
export function recordLateness(lateness: Lateness, lateMs: number): void {
  let bucket = 0
  while (bucket < BOUNDS_MS.length && lateMs > (BOUNDS_MS[bucket] as number)) bucket++
  lateness.counts[bucket] = (lateness.counts[bucket] as number) + 1
  lateness.ticks++
  lateness.sumMs += Math.max(0, lateMs)
  if (lateMs > lateness.maxMs) lateness.maxMs = lateMs
}
