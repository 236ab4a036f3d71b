const SAMPLES_PER_MS = 8
/** A drift of placement smaller than this is jitter of the clock, not a move: shifting for it would click. */
const SLACK_SAMPLES = 15 * SAMPLES_PER_MS

/**
 * Two channels on one clock. Each piece is placed by its time; a channel whose pieces follow one another within the
 * slack stays seamless, a larger step moves it. Time before the first sample and in gaps is silence.
 */
export class StereoTimeline {
  #left = new Int16Array(0)
  #right = new Int16Array(0)
  /** Index of the first sample that has not been taken. */
  #base = 0
  #end = 0
  #leftNext: number | null = null
  #rightNext: number | null = null

  left(atMs: number, pcm: Int16Array): void {
    this.#leftNext = this.#place('left', this.#leftNext, atMs, pcm)
  }

  right(atMs: number, pcm: Int16Array): void {
    this.#rightNext = this.#place('right', this.#rightNext, atMs, pcm)
  }

  get pendingSamples(): number {
    return this.#end - this.#base
  }

  get durationMs(): number {
    return this.#end / SAMPLES_PER_MS
  }

  /** Remove the first `count` samples of both channels. */
  take(count: number): { left: Int16Array; right: Int16Array } {
    const samples = Math.min(count, this.pendingSamples)
    this.#base += samples
    return { left: shift(this.#left, samples), right: shift(this.#right, samples) }
  }

  #place(side: 'left' | 'right', next: number | null, atMs: number, pcm: Int16Array): number {
    const wanted = Math.round(atMs * SAMPLES_PER_MS)
    const start = next !== null && Math.abs(wanted - next) <= SLACK_SAMPLES ? next : wanted
    this.#reserve(start + pcm.length)
    const channel = side === 'left' ? this.#left : this.#right
    // What comes too late for its place is gone; time before the recording's beginning is not kept.
    const skip = Math.min(pcm.length, Math.max(0, this.#base - start))
    channel.set(pcm.subarray(skip), start + skip - this.#base)
    return start + pcm.length
  }

  #reserve(end: number): void {
    this.#end = Math.max(this.#end, end)
    const needed = this.#end - this.#base
    if (needed <= this.#left.length) return
    const capacity = Math.max(needed, this.#left.length * 2, 16_384)
    this.#left = grown(this.#left, capacity)
    this.#right = grown(this.#right, capacity)
  }
}

/** The first samples of a channel, which moves up by as many. */
function shift(channel: Int16Array, samples: number): Int16Array {
  const taken = channel.slice(0, samples)
  channel.copyWithin(0, samples)
  channel.fill(0, channel.length - samples)
  return taken
}

function grown(channel: Int16Array, capacity: number): Int16Array<ArrayBuffer> {
  const copy = new Int16Array(capacity)
  copy.set(channel)
  return copy
}
