/** Pitch periods looked for: 66 to 200 Hz at 8 kHz, as in G.711 Appendix I. */
const SHORTEST_LAG = 40
const LONGEST_LAG = 120
/** Samples compared when the pitch is looked for. */
const MATCH = 160
/** Enough history for three periods of the lowest voice and the overlap. */
const HISTORY = 480
const STEP = 80
/** Loss of level per 10 ms, after the first 10 ms: silence after 60 ms. */
const FADE_PER_STEP = 0.2
/** Blend back into real audio, samples. */
const MERGE = 40
const LONGEST_MERGE = 80

/**
 * Packet loss concealment for narrow-band speech: repeats the last pitch periods, more of them as the gap grows so
 * that it does not buzz, fades to silence within 60 ms and blends back into what comes next. It follows the idea of
 * G.711 Appendix I but delays nothing.
 */
export class Concealer {
  readonly #history = new Float32Array(HISTORY)
  #known = 0
  /** Made-up samples since the last real one. */
  #made = 0
  #lag = LONGEST_LAG
  #periods = 1
  #cycle = new Float32Array(LONGEST_LAG * 3)
  #at = 0

  /** Takes a real frame; blends its start in place with the end of a gap, if there was one, and remembers it. */
  good(frame: Int16Array): Int16Array {
    if (this.#made > 0 && this.#known > 0) {
      const merge = Math.min(frame.length, LONGEST_MERGE, MERGE + Math.floor(this.#made / STEP) * 8)
      for (let i = 0; i < merge; i++) {
        const weight = (i + 1) / (merge + 1)
        frame[i] = Math.round((frame[i] as number) * weight + this.#next() * (1 - weight))
      }
    }
    this.#made = 0
    this.#remember(frame)
    return frame
  }

  /** Makes up a frame of `samples`. Silence where nothing has been heard yet, or after 60 ms. */
  conceal(samples: number): Int16Array {
    const frame = new Int16Array(samples)
    if (this.#known < MATCH + LONGEST_LAG) {
      this.#made += samples
      return frame
    }
    if (this.#made === 0) this.#begin()
    for (let i = 0; i < samples; i++) frame[i] = Math.round(this.#next())
    return frame
  }

  /** Whether the gap has faded out altogether. */
  get silent(): boolean {
    return this.#made >= 6 * STEP
  }

  /** The talker paused on purpose (DTX): no more repetition; the next audio fades in. */
  pause(): void {
    this.#made = Math.max(this.#made, 6 * STEP)
  }

  /** Forgets everything: another talker, another stream. */
  reset(): void {
    this.#history.fill(0)
    this.#known = 0
    this.#made = 0
  }

  #remember(frame: Int16Array): void {
    const kept = Math.min(frame.length, HISTORY)
    this.#history.copyWithin(0, kept)
    for (let i = 0; i < kept; i++) this.#history[HISTORY - kept + i] = frame[frame.length - kept + i] as number
    this.#known = Math.min(HISTORY, this.#known + kept)
  }

  #begin(): void {
    this.#lag = this.#findLag()
    this.#fillCycle(1)
  }

  /** The lag at which the recent past looks most like itself (normalised cross-correlation). */
  #findLag(): number {
    const history = this.#history
    const start = HISTORY - MATCH
    let best = LONGEST_LAG
    let bestScore = Number.NEGATIVE_INFINITY
    for (let lag = SHORTEST_LAG; lag <= LONGEST_LAG; lag++) {
      let product = 0
      let energy = 1
      for (let i = start; i < HISTORY; i += 2) {
        const past = history[i - lag] as number
        product += (history[i] as number) * past
        energy += past * past
      }
      const score = product / Math.sqrt(energy)
      if (score > bestScore) {
        bestScore = score
        best = lag
      }
    }
    return best
  }

  /** Prepares the last `periods` periods for going round: their end is blended with what came before their start. */
  #fillCycle(periods: number): void {
    const length = this.#lag * periods
    const start = HISTORY - length
    const overlap = Math.min(this.#lag >> 2, start)
    const oldLength = this.#lag * this.#periods
    for (let i = 0; i < length; i++) this.#cycle[i] = this.#history[start + i] as number
    for (let i = 0; i < overlap; i++) {
      const weight = (i + 1) / (overlap + 1)
      const at = length - overlap + i
      this.#cycle[at] =
        (this.#cycle[at] as number) * (1 - weight) + (this.#history[start - overlap + i] as number) * weight
    }
    // Stay at the same place within the period.
    this.#at = this.#made === 0 ? 0 : (this.#at % oldLength) % this.#lag
    this.#periods = periods
  }

  #next(): number {
    if (this.#made === STEP) this.#fillCycle(2)
    if (this.#made === 2 * STEP) this.#fillCycle(3)
    const sample = this.#cycle[this.#at] as number
    this.#at = (this.#at + 1) % (this.#lag * this.#periods)
    const faded = 1 - Math.max(0, (this.#made - STEP) / STEP) * FADE_PER_STEP
    this.#made++
    return faded <= 0 ? 0 : sample * faded
  }
}
