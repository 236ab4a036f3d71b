import { EventEmitter } from 'node:events'
import { createLevelTrack, type LevelTrack } from './level-track.js'
import type { SileroModel, SileroRateHz, SileroStream } from './silero.js'
import { createSpeechDetector, type SpeechDetector, type SpeechDetectorSettings } from './speech-detector.js'

/** One paced frame of a caller's audio, at the rate of the VoiceActivity that it is pushed to. */
export interface VoiceFrame {
  pcm: Int16Array
  /** Media-clock time of the frame's first sample. */
  arrivalMs: number
  /** `silence` and `concealed` frames were made up to fill a gap. */
  kind?: 'speech' | 'concealed' | 'silence'
}

export interface VoiceActivityEvents {
  /** Speech has begun: `startMs` is its first voiced sample, some time ago. */
  speech_started: [event: { startMs: number }]
  /** Speech has ended: `lastVoicedMs` is its last voiced sample. */
  speech_stopped: [event: { lastVoicedMs: number }]
}

export interface VoiceActivityOptions extends SpeechDetectorSettings {
  model: SileroModel
  /** Default 8000. */
  rateHz?: SileroRateHz
}

interface Window {
  pcm: Float32Array
  startMs: number
  endMs: number
  /** The line's level over the window was that of speech: what is used where the model fails. */
  isLoud: boolean
  /** How long the line had been quiet at its end. */
  quietMs: number
}

const levelsKeptMs = 4000
/** A second of audio may wait for the model. */
const maxWaiting = 32
/**
 * Music, and at times noise, leaves the model in a state in which it hears the next words 200 ms late. So it is reset
 * now and then, but only after a second of clear silence: a reset amid speech would cost a window or two.
 */
const resetAfterWindows = 63
const resetAfterQuietWindows = 32
const clearlyQuiet = 0.1
/** The model's end of speech is this late at most; sound that ended before that was not the end of the words. */
const longestHangMs = 500

/** Tells from one call's audio when the caller starts and stops to speak. Events come in order, soon after a push. */
export class VoiceActivity extends EventEmitter<VoiceActivityEvents> {
  readonly #stream: SileroStream
  readonly #detector: SpeechDetector
  readonly #levels: LevelTrack
  readonly #rateHz: number
  readonly #waiting: Window[] = []
  /** Windows to be used again. */
  readonly #spare: Window[] = []
  #filling: Window
  #filled = 0
  #scoring = false
  #closed = false
  #windowsSinceReset = 0
  #quietWindows = 0
  #segmentStartMs = 0

  constructor(options: VoiceActivityOptions) {
    super()
    this.#rateHz = options.rateHz ?? 8000
    this.#stream = options.model.open(options.rateHz ?? 8000)
    this.#detector = createSpeechDetector(options)
    this.#levels = createLevelTrack(this.#rateHz, levelsKeptMs)
    this.#filling = this.#newWindow()
  }

  /** Whether the caller is speaking, as far as the events have told. */
  get speaking(): boolean {
    return this.#detector.speaking
  }

  /** Takes the next frame. The samples are copied. */
  push(frame: VoiceFrame): void {
    if (this.#closed) return
    const { pcm, arrivalMs } = frame
    this.#levels.push(pcm, arrivalMs, frame.kind !== 'silence' && frame.kind !== 'concealed')
    for (let at = 0; at < pcm.length; at++) {
      if (this.#filled === 0) this.#filling.startMs = arrivalMs + (at * 1000) / this.#rateHz
      this.#filling.pcm[this.#filled++] = (pcm[at] ?? 0) / 32768
      if (this.#filled < this.#stream.windowSamples) continue
      this.#filling.endMs = arrivalMs + ((at + 1) * 1000) / this.#rateHz
      this.#queue(this.#filling)
      this.#filling = this.#spare.pop() ?? this.#newWindow()
      this.#filled = 0
    }
  }

  /** No event comes after this. */
  close(): void {
    this.#closed = true
    this.#waiting.length = 0
    this.removeAllListeners()
  }

  #newWindow(): Window {
    return { pcm: new Float32Array(this.#stream.windowSamples), startMs: 0, endMs: 0, isLoud: false, quietMs: 0 }
  }

  #queue(window: Window): void {
    window.quietMs = this.#levels.quietMs
    window.isLoud = this.#levels.lastVoicedMs(window.startMs) !== null
    this.#waiting.push(window)
    // The event loop is far behind: the oldest window that is not being scored is left out.
    if (this.#waiting.length > maxWaiting) this.#spare.push(...this.#waiting.splice(this.#scoring ? 1 : 0, 1))
    if (!this.#scoring) this.#scoreNext()
  }

  #scoreNext(): void {
    const window = this.#waiting[0]
    this.#scoring = window !== undefined
    if (window === undefined) return
    this.#stream.score(window.pcm).then(
      (probability) => this.#scored(window, probability),
      () => this.#scored(window, window.isLoud ? 1 : 0),
    )
  }

  #scored(window: Window, probability: number): void {
    if (this.#closed) return
    this.#waiting.shift()
    this.#resetIfDue(probability)
    this.#scoreNext()
    this.#detect(window, probability)
    this.#spare.push(window)
  }

  #resetIfDue(probability: number): void {
    this.#windowsSinceReset++
    this.#quietWindows = probability < clearlyQuiet ? this.#quietWindows + 1 : 0
    if (this.#windowsSinceReset < resetAfterWindows || this.#quietWindows < resetAfterQuietWindows) return
    if (!this.#detector.quiet) return
    this.#stream.reset()
    this.#windowsSinceReset = 0
  }

  #detect(window: Window, probability: number): void {
    const durationMs = (window.pcm.length * 1000) / this.#rateHz
    const edge = this.#detector.push({
      startMs: window.startMs,
      endMs: window.endMs,
      durationMs,
      probability,
      quietMs: window.quietMs,
    })
    // The model is certain only to a few windows; where exactly the sound begins and ends, its level tells.
    if (edge?.type === 'started') {
      this.#segmentStartMs = this.#levels.firstVoicedMs(edge.fromMs) ?? edge.fromMs
      this.emit('speech_started', { startMs: this.#segmentStartMs })
    } else if (edge?.type === 'stopped') {
      const lastVoicedMs = this.#levels.lastVoicedMs(this.#segmentStartMs) ?? edge.untilMs
      this.emit('speech_stopped', { lastVoicedMs: Math.max(lastVoicedMs, edge.untilMs - longestHangMs) })
    }
  }
}
