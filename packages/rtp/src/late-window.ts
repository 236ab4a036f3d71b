/** Looked back on. */
const WINDOW_MS = 4000
/** One late packet is bad luck; so many within the window are a line that needs more delay. */
const ENOUGH = 2
const LONGEST_GROWTH_MS = 200

/** Packets that came too late to be played: says how much more delay would have saved them. */
export class LateWindow {
  #recent: { atMs: number; lateMs: number }[] = []

  /** Notes a packet that came `lateMs` after its turn. Answers with the delay to add, 0 for none. */
  add(lateMs: number, nowMs: number): number {
    // Much later than the buffer could ever wait: as good as lost.
    if (lateMs > LONGEST_GROWTH_MS) return 0
    this.#recent = this.#recent.filter(({ atMs }) => nowMs - atMs < WINDOW_MS)
    this.#recent.push({ atMs: nowMs, lateMs })
    if (this.#recent.length < ENOUGH) return 0
    const growthMs = Math.max(...this.#recent.map((late) => late.lateMs))
    this.#recent = []
    return growthMs
  }

  clear(): void {
    this.#recent = []
  }
}
