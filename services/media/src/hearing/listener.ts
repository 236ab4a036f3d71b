import type { EventEmitter } from 'node:events'
import { encodeG711, type G711Codec } from '@hotline/audio'
import type { EngineEvent, SmartTurn, VoiceActivity, VoiceActivityEvents } from '@hotline/conversation'
import { InferenceError, type TranscriptionSession } from '@hotline/inference'
import type { ReceivedFrame } from '@hotline/rtp'
import { AudioHistory } from './audio-history.js'

const SAMPLES_PER_MS = 8
/** Speech begins before the VAD is sure of it; first words must not be lost. */
const PRE_ROLL_MS = 400
/** What is kept of speech that goes on while a turn is forgotten. */
const MID_SPEECH_KEPT_MS = 1000
const PIECE_SAMPLES = 100 * SAMPLES_PER_MS
const SMART_TURN_WINDOW_MS = 8000

/** What is used of the VAD. */
export type VoiceActivityPort = Pick<VoiceActivity, 'speaking' | 'push' | 'close'> & EventEmitter<VoiceActivityEvents>

export interface ListenerOptions {
  codec: G711Codec
  voiceActivity: VoiceActivityPort
  transcription: TranscriptionSession
  smartTurn: SmartTurn
  emit: (event: EngineEvent) => void
}

/**
 * The agent's ears for one call: frames in; speech boundaries, transcripts and end-of-turn verdicts out. Audio goes to
 * the ASR only while there is speech, with its pre-roll, in pieces of about 100 ms.
 */
export class Listener {
  #options: ListenerOptions
  #history = new AudioHistory(12_000 * SAMPLES_PER_MS)
  /** Media time of the newest sample, by arrival. */
  #newestMs = 0
  #sending = false
  /** Sample index up to which the ASR has the audio. */
  #sentTo = 0
  #turnStart: number | null = null
  #closed = false

  constructor(options: ListenerOptions) {
    this.#options = options
    options.transcription.on('partial', (text) => options.emit({ type: 'asr.partial', text }))
    options.voiceActivity.on('speech_started', ({ startMs }) => {
      // The engine first: it may take back a commit or forget an old turn before the new speech is fed.
      options.emit({ type: 'caller.speech_started', startMs })
      this.#startSending(startMs)
    })
    options.voiceActivity.on('speech_stopped', ({ lastVoicedMs }) =>
      options.emit({ type: 'caller.speech_stopped', lastVoicedMs }),
    )
  }

  frame(frame: ReceivedFrame): void {
    if (this.#closed) return
    this.#history.push(frame.pcm)
    this.#newestMs = frame.arrivalMs + frame.pcm.length / SAMPLES_PER_MS
    if (this.#sending && this.#history.end - this.#sentTo >= PIECE_SAMPLES) this.#flush()
    this.#options.voiceActivity.push(frame)
  }

  /** Ask for the final text of the turn so far; the answer comes as an event. */
  commit(turnId: string, revision: number): void {
    const { transcription, emit } = this.#options
    if (this.#sending) this.#flush()
    this.#sending = false
    transcription.commit().then(
      ({ text }) => this.#closed || emit({ type: 'asr.final', turnId, revision, text }),
      (error: unknown) => {
        // Taken back or cleared: nobody waits for it.
        if (this.#closed || (error instanceof InferenceError && error.kind === 'aborted')) return
        emit({ type: 'asr.failed', turnId, revision, message: messageOf(error) })
      },
    )
  }

  reopen(): void {
    this.#options.transcription.reopen()
    this.#sending = true
  }

  clear(): void {
    this.#options.transcription.clear()
    this.#turnStart = null
    if (!this.#sending) return
    if (!this.#options.voiceActivity.speaking) {
      this.#sending = false
      return
    }
    // The caller is in the middle of the next words: their beginning belongs to the next turn.
    this.#turnStart = Math.max(this.#history.start, this.#history.end - MID_SPEECH_KEPT_MS * SAMPLES_PER_MS)
    this.#sentTo = this.#turnStart
    this.#flush()
  }

  predict(turnId: string, revision: number): void {
    const { smartTurn, emit } = this.#options
    const from = Math.max(this.#turnStart ?? 0, this.#history.end - SMART_TURN_WINDOW_MS * SAMPLES_PER_MS)
    smartTurn.predict(this.#history.slice(from, this.#history.end), SAMPLES_PER_MS * 1000).then(
      (probability) => this.#closed || emit({ type: 'eot.predicted', turnId, revision, probability }),
      (error: unknown) => this.#closed || emit({ type: 'eot.failed', turnId, revision, message: messageOf(error) }),
    )
  }

  close(): void {
    this.#closed = true
    this.#options.transcription.close()
    this.#options.voiceActivity.close()
  }

  #startSending(startMs: number): void {
    const start = this.#history.end - Math.round((this.#newestMs - startMs + PRE_ROLL_MS) * SAMPLES_PER_MS)
    this.#turnStart ??= Math.max(this.#history.start, start)
    if (!this.#sending) this.#sentTo = Math.max(this.#sentTo, this.#history.start, start)
    this.#sending = true
    this.#flush()
  }

  #flush(): void {
    const pcm = this.#history.slice(this.#sentTo, this.#history.end)
    if (pcm.length === 0) return
    this.#sentTo = this.#history.end
    this.#options.transcription.append(encodeG711(this.#options.codec, pcm))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
