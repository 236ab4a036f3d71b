import { sequenceDistance } from './packet.js'

/** Loss and jitter of one received stream, RFC 3550 §6.4.1 and appendices A.1, A.3, A.8. */
export class Reception {
  #baseSequence = -1
  #highest = 0
  #cycles = 0
  #received = 0
  #expectedBefore = 0
  #receivedBefore = 0
  #transit: number | null = null
  #jitter = 0
  readonly #clockHz: number

  constructor(clockHz = 8000) {
    this.#clockHz = clockHz
  }

  /** Counts a packet; `arrivalMs` on any monotonic clock. */
  push(sequenceNumber: number, timestamp: number, arrivalMs: number): void {
    if (this.#baseSequence < 0) {
      this.#baseSequence = sequenceNumber
      this.#highest = sequenceNumber
    } else if (sequenceDistance(this.#highest, sequenceNumber) > 0) {
      if (sequenceNumber < this.#highest) this.#cycles += 0x10000
      this.#highest = sequenceNumber
    }
    this.#received++
    // A.8: the difference of relative transit times, smoothed by a 16th, in timestamp units.
    const transit = ((arrivalMs * this.#clockHz) / 1000 - timestamp) % 0x100000000
    if (this.#transit !== null) {
      let difference = Math.abs(transit - this.#transit)
      if (difference > 0x80000000) difference = 0x100000000 - difference
      // A timestamp that jumps (a new timeline, a long pause of a sender that stops its clock) is not jitter.
      if (difference < this.#clockHz) this.#jitter += (difference - this.#jitter) / 16
    }
    this.#transit = transit
  }

  /** Extended highest sequence number. */
  get highestSequence(): number {
    return (this.#cycles + this.#highest) >>> 0
  }

  get received(): number {
    return this.#received
  }

  /** Packets expected less packets received; duplicates may make it negative (A.3). */
  get lost(): number {
    return this.#baseSequence < 0 ? 0 : this.#expected() - this.#received
  }

  /** Interarrival jitter in timestamp units. */
  get jitter(): number {
    return this.#jitter
  }

  get jitterMs(): number {
    return (this.#jitter * 1000) / this.#clockHz
  }

  /** Fraction lost since the last call, 0 to 255 as 256ths, and starts the next interval (A.3). */
  takeFractionLost(): number {
    const expected = this.#expected() - this.#expectedBefore
    const received = this.#received - this.#receivedBefore
    this.#expectedBefore = this.#expected()
    this.#receivedBefore = this.#received
    const lost = expected - received
    return expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected))
  }

  #expected(): number {
    return this.#baseSequence < 0 ? 0 : this.#cycles + this.#highest - this.#baseSequence + 1
  }
}
