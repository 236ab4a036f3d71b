import type { ConversationRecord } from '@hotline/conversation'
import type { CallEvent, CallEventBody } from '@hotline/storage'

/** Numbers a call's events and hands them to the stream. */
export class Journal {
  #seq = 0
  #callId: string
  #write: (event: CallEvent) => void

  constructor(callId: string, write: (event: CallEvent) => void) {
    this.#callId = callId
    this.#write = write
  }

  write(event: CallEventBody): void {
    this.#write({ call_id: this.#callId, seq: this.#seq++, time: Date.now(), event })
  }

  record(record: ConversationRecord): void {
    const event = eventOf(record)
    if (event) this.write(event)
  }
}

/** The stored form of what the engine writes down; the end of the call is the call's own to report. */
function eventOf(record: ConversationRecord): CallEventBody | null {
  switch (record.type) {
    case 'caller.speech_started':
    case 'caller.speech_stopped':
      return { type: record.type, at_ms: record.atMs }
    case 'caller.partial':
      return { type: record.type, turn_id: record.turnId, text: record.text }
    case 'caller.said':
      return {
        type: record.type,
        turn_id: record.turnId,
        text: record.text,
        start_ms: record.startMs,
        end_ms: record.endMs,
        dtmf: record.dtmf,
      }
    case 'turn.dropped':
      return { type: record.type, turn_id: record.turnId, reason: record.reason, text: record.text }
    case 'agent.said':
      return {
        type: record.type,
        response_id: record.responseId,
        turn_id: record.turnId,
        kind: record.kind,
        text: record.text,
        full_text: record.fullText,
        start_ms: record.startMs,
        end_ms: record.endMs,
        interrupted: record.interrupted,
      }
    case 'interruption':
      return {
        type: record.type,
        at_ms: record.atMs,
        outcome: record.outcome,
        response_id: record.responseId,
        paused_ms: record.pausedMs,
      }
    case 'turn.completed': {
      const { turn } = record
      return {
        type: record.type,
        turn_id: turn.turnId,
        response_id: turn.responseId,
        speech_end_ms: turn.speechEndMs,
        first_audible_ms: turn.firstAudibleMs,
        latency_ms: turn.latencyMs,
        stages: {
          endpointing: turn.stages.endpointing,
          transcription: turn.stages.transcription,
          llm_first_token: turn.stages.llmFirstToken,
          llm_first_clause: turn.stages.llmFirstClause,
          tts_first_audio: turn.stages.ttsFirstAudio,
          egress: turn.stages.egress,
        },
        usage: turn.usage && {
          prompt_tokens: turn.usage.promptTokens,
          completion_tokens: turn.usage.completionTokens,
          cached_tokens: turn.usage.cachedTokens,
        },
      }
    }
    case 'dtmf':
      return { type: record.type, digit: record.digit, at_ms: record.atMs }
    case 'no_input':
      return { type: record.type, at_ms: record.atMs, attempt: record.attempt }
    case 'failure':
      return { type: record.type, at_ms: record.atMs, component: record.component, message: record.message }
    case 'ended':
      return null
  }
}
