import { AUDIBLE_DBFS, amplitudeOfDbfs, rmsDbfs } from '@hotline/audio'
import type { PlayedSegment } from '@hotline/conversation'

export const FRAME_SAMPLES = 160
const SAMPLES_PER_MS = 8
/** 5 ms: long enough to hide a cut, short enough to be silent at once. */
const RAMP_SAMPLES = 40
/** Sound is judged in windows of 10 ms, as an observer of the packets does. */
const WINDOW_SAMPLES = 80
const AUDIBLE_AMPLITUDE = amplitudeOfDbfs(AUDIBLE_DBFS)
const DUCK_GAIN = 10 ** (-14 / 20)

interface Segment {
  responseId: string
  segmentId: string
  chunks: Int16Array[]
  /** Samples received from the TTS. */
  totalSamples: number
  /** Samples sent. */
  playedSamples: number
  complete: boolean
  audible: boolean
  /** Silence wanted between the speech before this segment and its own first sample. */
  gapSamples: number
}

/** What happened to a segment while a frame was filled; `offsetMs` counts from the frame's first sample. */
export interface PlayoutNotice {
  type: 'started' | 'finished'
  responseId: string
  segmentId: string
  offsetMs: number
}

/** Where a segment that was not heard yet lies in the frame that is being filled. */
interface Span {
  segment: Segment
  from: number
  to: number
}

/**
 * The agent's voice: a queue of segments at 8 kHz, read 20 ms at a time by the pacer. Pausing keeps the position,
 * ducking lowers the volume, clearing tells what had been sent. Every change of level is ramped over 5 ms.
 */
export class Playout {
  #queue: Segment[] = []
  #gain = 1
  #targetGain = 1
  #paused = false
  /** What a clear cut off, kept to fade it out. */
  #tail: Int16Array | null = null
  /** Silence sent since the last sample of speech. */
  #silentSamples = Number.MAX_SAFE_INTEGER
  #onNotice: (notice: PlayoutNotice) => void

  constructor(onNotice: (notice: PlayoutNotice) => void) {
    this.#onNotice = onNotice
  }

  /** Queue a segment behind the others; its audio follows by `append`. */
  open(responseId: string, segmentId: string, gapMs: number): void {
    this.#queue.push({
      responseId,
      segmentId,
      chunks: [],
      totalSamples: 0,
      playedSamples: 0,
      complete: false,
      audible: false,
      gapSamples: Math.round(gapMs * SAMPLES_PER_MS),
    })
  }

  /** Add audio to an open segment. False when the segment is gone (cleared). */
  append(segmentId: string, pcm: Int16Array): boolean {
    const segment = this.#find(segmentId)
    if (!segment || segment.complete) return false
    if (pcm.length > 0) segment.chunks.push(pcm)
    segment.totalSamples += pcm.length
    return true
  }

  /** No more audio will come; gives the segment's length in ms, null when it is gone. */
  complete(segmentId: string): number | null {
    const segment = this.#find(segmentId)
    if (!segment) return null
    segment.complete = true
    return segment.totalSamples / SAMPLES_PER_MS
  }

  /** Drop a segment that will never have audio. */
  discard(segmentId: string): void {
    this.#queue = this.#queue.filter((segment) => segment.segmentId !== segmentId)
  }

  /** Lower the voice, of what comes later too, until `resume`. Ends a pause. */
  duck(): void {
    this.#paused = false
    this.#targetGain = DUCK_GAIN
  }

  /** Silence, for what comes later too, until `resume` or `duck`. */
  pause(): void {
    this.#paused = true
    this.#targetGain = 0
  }

  resume(): void {
    this.#paused = false
    this.#targetGain = 1
  }

  /** Throw away what has not been sent of these responses. The level stays as it is. */
  clear(responseIds: string[]): PlayedSegment[] {
    const gone = this.#queue.filter((segment) => responseIds.includes(segment.responseId))
    if (gone[0] && gone[0] === this.#queue[0] && this.#gain > 0) this.#tail = peek(gone[0], this.#gain)
    this.#queue = this.#queue.filter((segment) => !responseIds.includes(segment.responseId))
    return gone.map((segment) => ({
      responseId: segment.responseId,
      segmentId: segment.segmentId,
      playedMs: Math.floor(segment.playedSamples / SAMPLES_PER_MS),
      totalMs: Math.floor(segment.totalSamples / SAMPLES_PER_MS),
      complete: segment.complete,
    }))
  }

  /** Nothing queued and nothing fading. */
  get idle(): boolean {
    return this.#queue.length === 0 && this.#tail === null
  }

  /** The next 20 ms to send; null for silence. */
  frame(): Int16Array | null {
    if (this.#paused) return this.#pausedFrame()
    const out = new Int16Array(FRAME_SAMPLES)
    const unheard: Span[] = []
    const finished: PlayoutNotice[] = []
    const filled = this.#fill(out, unheard, finished)
    this.#silentSamples += FRAME_SAMPLES - filled
    const tail = this.#tail
    this.#tail = null
    if (filled > 0) this.#applyGain(out)
    for (const span of unheard) this.#listenForStart(span, out)
    for (const notice of finished) this.#onNotice(notice)
    if (filled === 0 && !tail) return null
    if (tail) for (let i = 0; i < tail.length; i++) out[i] = clamp((out[i] ?? 0) + (tail[i] ?? 0))
    return out
  }

  #fill(out: Int16Array, unheard: Span[], finished: PlayoutNotice[]): number {
    let filled = 0
    let segment = this.#queue[0]
    while (segment && filled < FRAME_SAMPLES) {
      const chunk = segment.chunks[0]
      if (!chunk) {
        // Starved of audio that is still being made, or at its end.
        if (!segment.complete) break
        this.#queue.shift()
        finished.push(noticeOf('finished', segment, filled))
        segment = this.#queue[0]
        continue
      }
      if (segment.playedSamples === 0 && this.#silentSamples < segment.gapSamples) {
        const gap = Math.min(segment.gapSamples - this.#silentSamples, FRAME_SAMPLES - filled)
        this.#silentSamples += gap
        filled += gap
        continue
      }
      const count = Math.min(chunk.length, FRAME_SAMPLES - filled)
      out.set(chunk.subarray(0, count), filled)
      if (count === chunk.length) segment.chunks.shift()
      else segment.chunks[0] = chunk.subarray(count)
      segment.playedSamples += count
      if (!segment.audible) unheard.push({ segment, from: filled, to: filled + count })
      this.#silentSamples = 0
      filled += count
    }
    return filled
  }

  /** The first paused frame fades out what would have come, without moving on; the others are silent. */
  #pausedFrame(): Int16Array | null {
    this.#silentSamples += FRAME_SAMPLES
    const head = this.#queue[0]
    const faded = this.#gain > 0 && head ? peek(head, this.#gain) : null
    this.#gain = 0
    if (!faded) return null
    const out = new Int16Array(FRAME_SAMPLES)
    out.set(faded)
    return out
  }

  #applyGain(out: Int16Array): void {
    if (this.#gain === 1 && this.#targetGain === 1) return
    const step = (this.#targetGain - this.#gain) / RAMP_SAMPLES
    for (let i = 0; i < out.length; i++) {
      if (i < RAMP_SAMPLES) this.#gain += step
      out[i] = Math.round((out[i] ?? 0) * this.#gain)
    }
    this.#gain = this.#targetGain
  }

  #listenForStart({ segment, from, to }: Span, out: Int16Array): void {
    if (segment.audible) return
    for (let window = from - (from % WINDOW_SAMPLES); window < to; window += WINDOW_SAMPLES) {
      if (rmsDbfs(out.subarray(window, window + WINDOW_SAMPLES)) < AUDIBLE_DBFS) continue
      for (let i = Math.max(from, window); i < Math.min(to, window + WINDOW_SAMPLES); i++) {
        if (Math.abs(out[i] ?? 0) < AUDIBLE_AMPLITUDE) continue
        segment.audible = true
        this.#onNotice(noticeOf('started', segment, i))
        return
      }
    }
  }

  #find(segmentId: string): Segment | undefined {
    return this.#queue.find((segment) => segment.segmentId === segmentId)
  }
}

function noticeOf(type: PlayoutNotice['type'], { responseId, segmentId }: Segment, sample: number): PlayoutNotice {
  return { type, responseId, segmentId, offsetMs: sample / SAMPLES_PER_MS }
}

/** The next 5 ms of a segment, fading to nothing. */
function peek(segment: Segment, gain: number): Int16Array | null {
  const chunk = segment.chunks[0]
  if (!chunk || segment.playedSamples === 0) return null
  return chunk.slice(0, RAMP_SAMPLES).map((sample, i) => sample * gain * (1 - i / RAMP_SAMPLES))
}

function clamp(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, sample))
}
