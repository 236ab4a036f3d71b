import type { ClauseSplitter } from './clauses.js'
import type { EndCause, TimerName, TokenUsage } from './event.js'
import type { SpeechKind } from './record.js'
import type { EngineSettings } from './settings.js'

/**
 * The whole of a conversation at one moment: plain data, never changed in place by anyone outside a step. Fields
 * that end in `AtMs` are deadlines (the timers follow from them), those that end in `Ms` are moments that were.
 */
export interface EngineState {
  settings: EngineSettings
  phase: 'connecting' | 'live' | 'hanging_up' | 'ended'
  /** Time of the last event; time never runs backwards here. */
  nowMs: number
  answeredMs: number | null
  caller: Caller
  /** What the caller is saying, or has said without the decision to answer. */
  turn: Turn | null
  /** A committed turn whose answer has not been heard. */
  answer: Answer | null
  /** What the agent says, in playout order; the first one is heard now or next. */
  queue: Response[]
  /** Cut speech whose played length the sink has not told yet. */
  clearing: Clearing | null
  overlap: Overlap | null
  sink: Sink
  digits: Digits | null
  /** Outgoing call: the greeting waits for the callee's first words. */
  opening: { greetAtMs: number } | null
  closing: Closing | null
  /** Announcements asked for while the caller had the word. */
  announcements: { text: string; interruptible: boolean }[]
  history: HistoryItem[]
  silence: { sinceMs: number; attempts: number }
  failures: { asr: number; answer: number; endOfTurnReported: boolean }
  timers: Partial<Record<TimerName, { token: number; atMs: number }>>
  counters: { turn: number; response: number; segment: number; token: number }
}

export interface Caller {
  /** What VAD says. */
  speaking: boolean
  /** VAD still reports speech, but what came until this moment has been dealt with and the rest counts as noise. */
  noiseSinceMs: number | null
  speechStartMs: number
  held: boolean
}

export interface Turn {
  id: string
  /** Counts the times that the turn went on after its audio had been committed. */
  revision: number
  phase: 'open' | 'deciding' | 'decided'
  /** VAD heard it; otherwise it is known from its text alone. */
  voiced: boolean
  dtmf: boolean
  startMs: number
  speechEndMs: number
  /** False where the reported end of speech was impossible: no latency is derived from it. */
  anchored: boolean
  partial: string
  /** Two partials in a row begin alike, or the last is long: the recogniser no longer guesses. */
  steady: boolean
  /** Final text of this revision. */
  finalText: string | null
  /** Final text of an earlier revision and the end of the speech that it covers. */
  knownText: string
  knownEndMs: number
  /** When the final text was last asked for. */
  askedMs: number
  asr: 'idle' | 'asked' | 'answered' | 'failed'
  /** The recogniser was asked in mid-speech whether there are words at all. */
  probing: boolean
  /** The final text was given up; if it comes after all, it is welcome. */
  finalLate: boolean
  decideAtMs: number | null
  endOfTurnReplyAtMs: number | null
  finalAtMs: number | null
  watchdogAtMs: number | null
  missingAtMs: number | null
  decidedMs: number | null
  textMs: number | null
  /** Committed text that this turn takes up again, while its answer is held back; null once new words came. */
  reopens: string | null
}

export interface Answer {
  turnId: string
  revision: number
  responseId: string
  text: string
  dtmf: boolean
  voiced: boolean
  startMs: number
  speechEndMs: number
  anchored: boolean
  finalLate: boolean
  marks: Marks
}

/** Moments of one answer; a missing one takes the next one's place. */
export interface Marks {
  speechEndMs: number
  decidedMs: number
  textMs: number
  llmFirstTokenMs: number | null
  llmFirstClauseMs: number | null
  ttsFirstAudioMs: number | null
}

export interface Response {
  id: string
  turnId: string | null
  kind: SpeechKind
  interruptible: boolean
  /** `none` for fixed text. */
  llm: 'none' | 'waiting' | 'streaming' | 'done' | 'failed'
  llmAtMs: number | null
  attempt: number
  splitter: ClauseSplitter
  /** Clauses that wait for their place in the synthesiser's queue. */
  clauses: string[]
  /** No more clauses will come. */
  complete: boolean
  segments: Segment[]
  /** Clauses that were made and will not be heard. */
  lostText: string[]
  /** Audio may lie in the sink behind a segment that failed. */
  stray: boolean
  usage: TokenUsage | null
  startMs: number | null
  endMs: number
  /** Turn and revision that cut the speech before this one and left this one alone. */
  sparedBy: string | null
  cut: boolean
  failed: boolean
  books: { marks: Marks; turnId: string; firstAudibleMs: number } | null
}

export interface Segment {
  id: string
  text: string
  tts: 'asked' | 'started' | 'finished'
  askedMs: number
  durationMs: number | null
  playout: 'queued' | 'playing' | 'played'
  startMs: number
  /** Silence inserted by pauses since the segment started. */
  pausedMs: number
}

export interface Clearing {
  responseIds: string[]
  atMs: number
}

/** Caller and agent at once, not judged yet. */
export interface Overlap {
  /** `passed`: judged to be no interruption so far; words still can make it one. */
  mode: 'ducked' | 'paused' | 'passed'
  pausedMs: number | null
  bargeInAtMs: number | null
  resumeAtMs: number | null
}

export interface Sink {
  level: 'normal' | 'ducked' | 'paused'
  sinceMs: number
  /** End of the last pause. */
  resumedMs: number
}

export interface Digits {
  text: string
  startMs: number
  endMs: number
  atMs: number
}

export interface Closing {
  cause: EndCause
  /** The caller's words take the call back. */
  cancellable: boolean
  flushing: boolean
  atMs: number
}

export interface HistoryItem {
  role: 'user' | 'assistant'
  text: string
}
