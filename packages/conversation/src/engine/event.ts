/**
 * What the turn engine is told. Every `…Ms` is a time on the call's media clock: milliseconds since the first
 * paced frame, the same clock for what is received and what is sent.
 */
export type EngineEvent =
  /** The call is up in both directions; the greeting may go out. */
  | { type: 'call.answered'; direction: 'inbound' | 'outbound' }
  /** VAD has seen enough speech. `startMs` is the first voiced sample, before the VAD's own delay. */
  | { type: 'caller.speech_started'; startMs: number }
  /** VAD has seen enough silence. `lastVoicedMs` is the last voiced sample, before the VAD's own delay. */
  | { type: 'caller.speech_stopped'; lastVoicedMs: number }
  /** The turn's whole text so far, while the caller talks. */
  | { type: 'asr.partial'; text: string }
  /** Answer to an `asr.commit`: the turn's whole text, earlier revisions' audio included. May be empty. */
  | { type: 'asr.final'; turnId: string; revision: number; text: string }
  | { type: 'asr.failed'; turnId: string; revision: number; message: string }
  /** Answer to an `eot.predict`: probability that the caller is done, 0 to 1. */
  | { type: 'eot.predicted'; turnId: string; revision: number; probability: number }
  | { type: 'eot.failed'; turnId: string; revision: number; message: string }
  | { type: 'llm.delta'; responseId: string; text: string }
  | { type: 'llm.finished'; responseId: string; finishReason: string; usage: TokenUsage }
  | { type: 'llm.failed'; responseId: string; message: string; retryable: boolean }
  /** First audio of a segment has come from the TTS. */
  | { type: 'tts.started'; responseId: string; segmentId: string }
  /** All audio of a segment has come; `durationMs` is its length. */
  | { type: 'tts.finished'; responseId: string; segmentId: string; durationMs: number }
  | { type: 'tts.failed'; responseId: string; segmentId: string; message: string }
  /** The first audible sample of a segment was sent at `atMs`. */
  | { type: 'playout.started'; responseId: string; segmentId: string; atMs: number }
  /** The last sample of a segment was sent. */
  | { type: 'playout.finished'; responseId: string; segmentId: string; atMs: number }
  /** Answer to a `playout.clear`, in playout order: how much of each segment was sent before it was cut. */
  | { type: 'playout.cleared'; segments: PlayedSegment[] }
  /** One key press (RFC 4733), each reported once. */
  | { type: 'dtmf'; digit: string }
  /** A timer that the engine set has run out. */
  | { type: 'timer'; timer: TimerName; token: number }
  /** Put on or taken off hold by the caller. */
  | { type: 'call.held'; held: boolean }
  /** Someone outside asks the agent to say this. */
  | { type: 'say'; text: string; interruptible: boolean }
  /** Someone outside asks the agent to end the call, after the last word has played. */
  | { type: 'hangup.requested'; cause: EndCause }
  /** The call is gone: BYE, media timeout, transport failure. No effect but records may follow. */
  | { type: 'call.gone'; cause: EndCause }

export interface TokenUsage {
  promptTokens: number
  completionTokens: number
  /** Prompt tokens served from the prefix cache. */
  cachedTokens: number
}

export interface PlayedSegment {
  responseId: string
  segmentId: string
  /** What was sent of it, whole milliseconds, floored. */
  playedMs: number
  /** Length synthesised so far; `complete` tells whether that is all. */
  totalMs: number
  complete: boolean
}

export type EndCause =
  | 'caller_hangup'
  | 'agent_hangup'
  | 'no_input'
  | 'max_duration'
  | 'media_timeout'
  | 'api_hangup'
  | 'error'
  | 'shutdown'

export type TimerName =
  | 'end_of_turn'
  | 'eot_reply'
  | 'asr_final'
  | 'turn_watchdog'
  | 'missing_text'
  | 'barge_in'
  | 'resume'
  | 'idle'
  | 'llm_first_token'
  | 'tts_stall'
  | 'digits'
  | 'interrupt_watchdog'
  | 'max_duration'
  | 'close'
