export interface SpeechDetectorSettings {
  /** Probability from which a window counts as speech. Default 0.5. */
  threshold?: number
  /** Probability below which a window counts as silence again. Default 0.15 below `threshold`. */
  offThreshold?: number
  /** Speech needed for a start, ms: windows in a row, no padding. Default 96. */
  startMs?: number
  /** Silence needed for a stop, ms. Default 192. */
  stopMs?: number
}

/** Windows below `offThreshold` that it takes, where the line has been quiet for `stopMs` already, ms. */
const confirmMs = 64

/** One scored window: the media times of its first sample and of the one after its last, and its length in audio. */
export interface ScoredWindow {
  startMs: number
  endMs: number
  durationMs: number
  /** 0 to 1. */
  probability: number
  /** How long the line's level had been below that of voice at the window's end, ms. 0 where that is not known. */
  quietMs: number
}

/** A start, with the start of its first active window; or a stop, with the end of the last window that had speech. */
export type SpeechEdge = { type: 'started'; fromMs: number } | { type: 'stopped'; untilMs: number }

export interface SpeechDetector {
  readonly speaking: boolean
  /** Neither in speech nor in what may become speech. */
  readonly quiet: boolean
  push(window: ScoredWindow): SpeechEdge | null
}

/**
 * From probabilities to starts and stops of speech: two thresholds, so that a wavering model does not chatter, and a
 * least length for both edges. The model holds on to speech for 130 to 300 ms after the last sound; once it has let
 * go, silence that the level showed before that counts too. It knows no clock, only the windows' own times.
 */
export function createSpeechDetector(settings: SpeechDetectorSettings = {}): SpeechDetector {
  const { threshold = 0.5, startMs = 96, stopMs = 192 } = settings
  const offThreshold = settings.offThreshold ?? Math.max(0.01, threshold - 0.15)
  let speaking = false
  let activeMs = 0
  let activeFromMs = 0
  let silentMs = 0
  let speechUntilMs = 0

  return {
    get speaking() {
      return speaking
    },
    get quiet() {
      return !speaking && activeMs === 0
    },
    push(window) {
      const { probability, durationMs } = window
      if (!speaking) {
        // A fragment that breaks off counts for nothing, however many of them there are.
        if (probability < (activeMs > 0 ? offThreshold : threshold)) {
          activeMs = 0
          return null
        }
        if (activeMs === 0) activeFromMs = window.startMs
        activeMs += durationMs
        if (activeMs < startMs) return null
        speaking = true
        activeMs = 0
        silentMs = 0
        speechUntilMs = window.endMs
        return { type: 'started', fromMs: activeFromMs }
      }
      if (probability >= threshold) {
        silentMs = 0
        speechUntilMs = window.endMs
        return null
      }
      // Between the thresholds a pause neither begins nor ends.
      if (silentMs === 0 && probability >= offThreshold) {
        speechUntilMs = window.endMs
        return null
      }
      silentMs += durationMs
      if (silentMs < stopMs && (silentMs < confirmMs || window.quietMs < stopMs)) return null
      speaking = false
      return { type: 'stopped', untilMs: speechUntilMs }
    },
  }
}
