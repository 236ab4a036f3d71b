import { type Draft, emit, record } from './draft.js'
import { appendHistory } from './history.js'

/** The caller's committed words go on record and into history: once, when nothing can be merged into them any more. */
export function settleAnswer(draft: Draft): void {
  const { state } = draft
  const { answer } = state
  if (answer === null) return
  state.answer = null
  if (answer.text !== '') {
    record(draft, {
      type: 'caller.said',
      turnId: answer.turnId,
      text: answer.text,
      startMs: answer.startMs,
      endMs: answer.speechEndMs,
      dtmf: answer.dtmf,
    })
    rememberCaller(draft, answer.text)
  }
  if (state.turn === null && !answer.dtmf) emit(draft, { type: 'asr.clear' })
}

export function rememberCaller(draft: Draft, text: string): void {
  const { state } = draft
  state.history = appendHistory(state.history, { role: 'user', text }, state.settings.limits.maxHistoryMessages)
}

export function rememberAgent(draft: Draft, text: string): void {
  const { state } = draft
  state.history = appendHistory(state.history, { role: 'assistant', text }, state.settings.limits.maxHistoryMessages)
}
