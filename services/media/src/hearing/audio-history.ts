/** The newest samples of a stream, addressed by their index from its beginning. */
export class AudioHistory {
  #ring: Int16Array
  #end = 0

  constructor(capacitySamples: number) {
    this.#ring = new Int16Array(capacitySamples)
  }

  /** Index of the oldest sample that is still there. */
  get start(): number {
    return Math.max(0, this.#end - this.#ring.length)
  }

  /** Index one past the newest sample. */
  get end(): number {
    return this.#end
  }

  push(pcm: Int16Array): void {
    const at = this.#end % this.#ring.length
    const first = Math.min(pcm.length, this.#ring.length - at)
    this.#ring.set(pcm.subarray(0, first), at)
    if (first < pcm.length) this.#ring.set(pcm.subarray(first), 0)
    this.#end += pcm.length
  }

  /** A copy of [from, to), clipped to what is there. */
  slice(from: number, to: number): Int16Array {
    const begin = Math.max(from, this.start)
    const length = Math.max(0, Math.min(to, this.#end) - begin)
    const out = new Int16Array(length)
    const at = begin % this.#ring.length
    const first = Math.min(length, this.#ring.length - at)
    out.set(this.#ring.subarray(at, at + first))
    if (first < length) out.set(this.#ring.subarray(0, length - first), first)
    return out
  }
}
