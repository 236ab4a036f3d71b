import { settleAnswer } from './answer.js'
import { beginClosing } from './closing.js'
import { type Draft, recordFailure } from './draft.js'
import { enqueue } from './queue.js'

/**
 * A worker has failed in the middle of a turn: the caller hears an excuse and the conversation goes on, or a goodbye
 * where it has failed too often in a row. An excuse that fails itself is only put on record.
 */
export function excuse(draft: Draft, component: 'asr' | 'llm' | 'tts', turnId: string | null): void {
  const { state } = draft
  const { failures, noInput } = state.settings
  if (component === 'asr') state.failures.asr++
  else state.failures.answer++
  const tooMany = state.failures.asr > failures.tolerated || state.failures.answer > failures.tolerated
  if (state.closing !== null || tooMany) {
    settleAnswer(draft)
    beginClosing(draft, 'error', noInput.goodbye)
    return
  }
  const response = enqueue(draft, 'excuse', failures.excuse, { turnId })
  if (state.answer !== null) state.answer.responseId = response.id
}

/** The end-of-turn model is a help, not a need: its failure is put on record once. */
export function endOfTurnFailed(draft: Draft, message: string): void {
  const { failures } = draft.state
  if (!failures.endOfTurnReported) recordFailure(draft, 'eot', message)
  failures.endOfTurnReported = true
}
