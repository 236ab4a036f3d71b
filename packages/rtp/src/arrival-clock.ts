/** Half of how far back the quickest packet is looked for. */
const BUCKET_MS = 1000
/** A packet later than the quickest ones by up to this much is stamped when it came; the rest of its delay is not shown. */
const SHOWN_JITTER_MS = 10
/** A packet later than this is not late: the sender's clock stood still, or the route changed. */
const LARGEST_JITTER_MS = 300

/**
 * Stamps packets with their arrival, the worst of the jitter taken out. Packets that were held up, on the way or by a
 * busy process here, and come in a burst, are stamped where the caller's side of the wire saw them, not on top of one
 * another. The measure is the quickest transit of the last two seconds.
 */
export class ArrivalClock {
  #least = Number.POSITIVE_INFINITY
  #leastBefore = Number.POSITIVE_INFINITY
  #bucketEndMs = Number.NEGATIVE_INFINITY

  /** Takes a packet's media time and arrival, ms; answers with the arrival to go by, never later than the true one. */
  stamp(mediaMs: number, arrivalMs: number): number {
    if (arrivalMs >= this.#bucketEndMs) {
      const longPause = arrivalMs - this.#bucketEndMs >= BUCKET_MS
      this.#leastBefore = longPause ? Number.POSITIVE_INFINITY : this.#least
      this.#least = Number.POSITIVE_INFINITY
      this.#bucketEndMs = arrivalMs + BUCKET_MS
    }
    const transit = arrivalMs - mediaMs
    this.#least = Math.min(this.#least, transit)
    const quickest = Math.min(this.#least, this.#leastBefore)
    if (transit - quickest > LARGEST_JITTER_MS) {
      this.reset()
      return arrivalMs
    }
    return Math.min(arrivalMs, mediaMs + quickest + SHOWN_JITTER_MS)
  }

  /** Forgets what it knows of the line. */
  reset(): void {
    this.#least = Number.POSITIVE_INFINITY
    this.#leastBefore = Number.POSITIVE_INFINITY
    this.#bucketEndMs = Number.NEGATIVE_INFINITY
  }
}
