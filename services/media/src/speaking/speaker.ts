import type { EngineEvent } from '@hotline/conversation'
import type { SpeechClient } from '@hotline/inference'
import { gapAfterMs } from './pause-length.js'
import type { PhraseCache } from './phrase-cache.js'
import type { Playout } from './playout.js'

export const CALL_RATE_HZ = 8000
const GAP_TIMEOUT_MS = 10_000

export interface SpeakerOptions {
  client: SpeechClient
  cache: PhraseCache
  playout: Playout
  voice: string
  speed: number
  /** Longest wait for the first audio of a segment, ms. */
  firstAudioTimeoutMs: number
  /** Texts whose audio is worth keeping for later calls. */
  fixedPhrases: ReadonlySet<string>
  emit: (event: EngineEvent) => void
}

interface Job {
  responseId: string
  segmentId: string
  text: string
}

/**
 * Turns segments into audio, one after the other, and queues it on the playout. One request at a time for each call:
 * the next clause is made while the one before it plays, and calls share the synthesizer fairly.
 */
export class Speaker {
  #options: SpeakerOptions
  #jobs: Job[] = []
  #running: { job: Job; abort: AbortController; heard: boolean } | null = null
  #previous: { responseId: string; text: string } | null = null
  #closed = false

  constructor(options: SpeakerOptions) {
    this.#options = options
  }

  request(job: Job): void {
    if (this.#closed) return
    const gapMs = this.#previous?.responseId === job.responseId ? gapAfterMs(this.#previous.text) : 0
    this.#previous = { responseId: job.responseId, text: job.text }
    this.#options.playout.open(job.responseId, job.segmentId, gapMs)
    this.#jobs.push(job)
    this.#next()
  }

  /** Stop what has not been synthesised of this response. What is queued for playout stays. */
  cancel(responseId: string): void {
    for (const job of this.#jobs) if (job.responseId === responseId) this.#options.playout.discard(job.segmentId)
    this.#jobs = this.#jobs.filter((job) => job.responseId !== responseId)
    if (this.#running?.job.responseId === responseId) this.#stopRunning()
  }

  close(): void {
    this.#closed = true
    this.#jobs = []
    this.#running?.abort.abort()
  }

  #next(): void {
    if (this.#running || this.#closed) return
    const job = this.#jobs.shift()
    if (!job) return
    const phrase = { text: job.text, voice: this.#options.voice, speed: this.#options.speed }
    const cached = this.#options.cache.get(phrase)
    if (cached) {
      this.#options.playout.append(job.segmentId, cached)
      this.#options.emit({ type: 'tts.started', responseId: job.responseId, segmentId: job.segmentId })
      this.#finish(job)
      this.#next()
      return
    }
    const running = { job, abort: new AbortController(), heard: false }
    this.#running = running
    void this.#synthesize(job, running).finally(() => {
      this.#running = null
      this.#next()
    })
  }

  /** What has come may still play; an empty segment must not stand in front of the next one. */
  #stopRunning(): void {
    const running = this.#running
    if (!running) return
    running.abort.abort()
    if (running.heard) this.#options.playout.complete(running.job.segmentId)
    else this.#options.playout.discard(running.job.segmentId)
  }

  async #synthesize(job: Job, running: { abort: AbortController; heard: boolean }): Promise<void> {
    const { signal } = running.abort
    const { client, playout, emit, voice, speed, cache, fixedPhrases, firstAudioTimeoutMs } = this.#options
    const ids = { responseId: job.responseId, segmentId: job.segmentId }
    const pieces: Int16Array[] = []
    try {
      const audio = client.synthesize({
        text: job.text,
        voice,
        speed,
        sampleRateHz: CALL_RATE_HZ,
        signal,
        firstAudioTimeoutMs,
        gapTimeoutMs: GAP_TIMEOUT_MS,
      })
      for await (const pcm of audio) {
        if (signal.aborted) return
        playout.append(job.segmentId, pcm)
        if (pieces.length === 0) emit({ type: 'tts.started', ...ids })
        running.heard = true
        pieces.push(pcm)
      }
      if (signal.aborted) return
      if (fixedPhrases.has(job.text)) cache.set({ text: job.text, voice, speed }, concatenate(pieces))
      this.#finish(job)
    } catch (error) {
      if (signal.aborted || this.#closed) return
      // What has come is still worth hearing; without any there is nothing to wait for.
      if (pieces.length === 0) playout.discard(job.segmentId)
      else playout.complete(job.segmentId)
      emit({ type: 'tts.failed', ...ids, message: error instanceof Error ? error.message : String(error) })
    }
  }

  #finish(job: Job): void {
    const durationMs = this.#options.playout.complete(job.segmentId) ?? 0
    this.#options.emit({
      type: 'tts.finished',
      responseId: job.responseId,
      segmentId: job.segmentId,
      durationMs,
    })
  }
}

export function concatenate(pieces: Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
