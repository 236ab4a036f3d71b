/** Seconds looked back on, one bucket each. */
const BUCKETS = 4
const BUCKET_MS = 1000

/** How long packets waited before they were played: the least of the last few seconds. */
export class WaitWindow {
  readonly #least: number[] = []
  #endMs = Number.NaN

  /** Notes one packet's wait. */
  add(waitMs: number, nowMs: number): void {
    this.#turn(nowMs)
    const last = this.#least.length - 1
    this.#least[last] = Math.min(this.#least[last] as number, waitMs)
  }

  /** The least wait of the window, or null in its first second; a pause as long as the window starts it again. */
  leastMs(nowMs: number): number | null {
    if (Number.isNaN(this.#endMs)) return null
    this.#turn(nowMs)
    if (this.#least.length < 2) return null
    const least = Math.min(...this.#least)
    return Number.isFinite(least) ? least : null
  }

  /** The delay was cut: every packet would have waited this much less. */
  less(ms: number): void {
    for (let i = 0; i < this.#least.length; i++) this.#least[i] = (this.#least[i] as number) - ms
  }

  clear(): void {
    this.#least.length = 0
    this.#endMs = Number.NaN
  }

  #turn(nowMs: number): void {
    if (Number.isNaN(this.#endMs) || nowMs - this.#endMs > BUCKETS * BUCKET_MS) {
      this.#least.length = 0
      this.#least.push(Number.POSITIVE_INFINITY)
      this.#endMs = nowMs + BUCKET_MS
    }
    while (nowMs >= this.#endMs) {
      this.#least.push(Number.POSITIVE_INFINITY)
      if (this.#least.length > BUCKETS) this.#least.shift()
      this.#endMs += BUCKET_MS
    }
  }
}
