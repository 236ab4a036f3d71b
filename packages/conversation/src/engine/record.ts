import type { EndCause, TokenUsage } from './event.js'

/** What the engine writes down of a conversation. Times in ms on the call's media clock. */
export type ConversationRecord =
  | { type: 'caller.speech_started'; atMs: number }
  | { type: 'caller.speech_stopped'; atMs: number }
  | { type: 'caller.partial'; turnId: string; text: string }
  /** What the caller said in a turn that was committed. Digits pressed come as text too, `dtmf` true. */
  | { type: 'caller.said'; turnId: string; text: string; startMs: number; endMs: number; dtmf: boolean }
  /** A turn without an answer: noise, backchannel, no text. */
  | {
      type: 'turn.dropped'
      turnId: string
      reason: 'no_text' | 'backchannel' | 'too_short' | 'superseded'
      text: string
    }
  /** What the caller heard of the agent; `fullText` is what was made, `interrupted` that it was cut. */
  | {
      type: 'agent.said'
      responseId: string
      turnId: string | null
      kind: SpeechKind
      text: string
      fullText: string
      startMs: number
      endMs: number
      interrupted: boolean
    }
  | { type: 'interruption'; atMs: number; outcome: 'barge_in' | 'resumed'; responseId: string; pausedMs: number }
  | { type: 'turn.completed'; turn: TurnBooks }
  | { type: 'dtmf'; digit: string; atMs: number }
  | { type: 'no_input'; atMs: number; attempt: number }
  | { type: 'failure'; atMs: number; component: 'asr' | 'eot' | 'llm' | 'tts' | 'playout'; message: string }
  | { type: 'ended'; cause: EndCause; atMs: number }

export type SpeechKind = 'greeting' | 'reply' | 'reprompt' | 'excuse' | 'goodbye' | 'said'

/** Where one answer's milliseconds went. `stages` sum to `latencyMs` exactly. */
export interface TurnBooks {
  turnId: string
  responseId: string
  /** Caller's last voiced sample, media clock. */
  speechEndMs: number
  /** Agent's first audible sample sent, media clock. */
  firstAudibleMs: number
  latencyMs: number
  stages: TurnStages
  usage: TokenUsage | null
}

/** A partition of [last voiced sample received, first audible sample sent], in ms. */
export interface TurnStages {
  /** Last voiced sample to the decision that the turn is over. */
  endpointing: number
  /** From there to the final text, where it was not there already. */
  transcription: number
  /** To the LLM's first token. */
  llmFirstToken: number
  /** To the first clause that is sent to the TTS. */
  llmFirstClause: number
  /** To the first audio of that clause. */
  ttsFirstAudio: number
  /** To the first audible sample on the wire. */
  egress: number
}
