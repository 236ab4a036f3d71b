/** Where time comes from; tests put a virtual one in its place. */
export interface Clock {
  /** Monotonic time in ms. */
  nowMs(): number
  /** Calls `fn` once after `delayMs`; the function it returns takes that back. */
  after(delayMs: number, fn: () => void): () => void
}

/** The machine's monotonic clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, Math.max(0, Math.ceil(delayMs)))
    return () => clearTimeout(timer)
  },
}
