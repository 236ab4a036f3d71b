import { StereoTimeline } from './stereo-timeline.js'

/** Where a recording goes, piece by piece. `write` neither waits nor throws. */
export interface RecordingSink {
  write(left: Int16Array, right: Int16Array): void
  /** All has been written; resolves when the file is whole and in its place, rejects when it is not. */
  finish(): Promise<void>
}

const PIECE_SAMPLES = 8000
/** Frames may still arrive this late for their place, samples. */
const SETTLE_SAMPLES = 4000

/** Keeps a call as stereo, caller left and agent right, both on the media clock, in a bounded amount of memory. */
export class Recorder {
  #timeline = new StereoTimeline()
  #sink: RecordingSink

  constructor(sink: RecordingSink) {
    this.#sink = sink
  }

  caller(atMs: number, pcm: Int16Array): void {
    this.#timeline.left(atMs, pcm)
  }

  agent(atMs: number, pcm: Int16Array): void {
    this.#timeline.right(atMs, pcm)
    if (this.#timeline.pendingSamples > PIECE_SAMPLES + SETTLE_SAMPLES) this.#flush(PIECE_SAMPLES)
  }

  /** Ends the recording; its length in ms. */
  async finish(): Promise<number> {
    this.#flush(this.#timeline.pendingSamples)
    await this.#sink.finish()
    return this.#timeline.durationMs
  }

  #flush(samples: number): void {
    const { left, right } = this.#timeline.take(samples)
    if (left.length > 0) this.#sink.write(left, right)
  }
}
