import { rememberCaller } from './answer.js'
import { type Draft, emit, ignoreSpeech, record } from './draft.js'
import { enqueue } from './queue.js'
import { requestReply } from './reply.js'
import { greet } from './silence.js'

/**
 * The decided turn gets its answer, once the agent is quiet and what was heard of it is in history. Words over a
 * speech that may not be interrupted wait here, and are answered after it.
 */
export function commitTurn(draft: Draft): boolean {
  const { state, nowMs } = draft
  const { turn, closing } = state
  if (turn === null || turn.phase !== 'decided' || turn.reopens !== null || !turn.finalText) return false
  if (state.queue.length > 0 || state.clearing !== null || (closing !== null && !closing.cancellable)) return false
  state.turn = null
  state.closing = null
  state.silence.attempts = 0
  ignoreSpeech(draft)
  state.overlap = null
  if (state.opening !== null) {
    const { id: turnId, startMs, speechEndMs: endMs, finalText: text } = turn
    record(draft, { type: 'caller.said', turnId, text, startMs, endMs, dtmf: turn.dtmf })
    rememberCaller(draft, text)
    emit(draft, { type: 'asr.clear' })
    const greeted = state.settings.greeting !== null
    greet(draft)
    if (greeted) return true
  }
  const response = enqueue(draft, 'reply', null, { turnId: turn.id })
  const waitedForAgent =
    turn.decidedMs !== null && turn.textMs !== null && nowMs > Math.max(turn.decidedMs, turn.textMs)
  state.answer = {
    turnId: turn.id,
    revision: turn.revision,
    responseId: response.id,
    text: turn.finalText,
    dtmf: turn.dtmf,
    voiced: !turn.dtmf,
    startMs: turn.startMs,
    speechEndMs: turn.speechEndMs,
    anchored: turn.anchored,
    finalLate: turn.finalLate,
    marks: {
      speechEndMs: turn.speechEndMs,
      decidedMs: waitedForAgent ? nowMs : (turn.decidedMs ?? nowMs),
      textMs: turn.textMs ?? nowMs,
      llmFirstTokenMs: null,
      llmFirstClauseMs: null,
      ttsFirstAudioMs: null,
    },
  }
  requestReply(draft, response)
  return true
}
