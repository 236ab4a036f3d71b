import { bounds } from './bounds.js'
import { flushText, pushText } from './clauses.js'
import { type Draft, emit, nextId, recordFailure } from './draft.js'
import type { EngineEvent, TokenUsage } from './event.js'
import { excuse } from './failure.js'
import { promptMessages } from './history.js'
import { findResponse } from './queue.js'
import type { Response } from './state.js'

/** Asks the LLM for the reply to the committed turn. */
export function requestReply(draft: Draft, response: Response): void {
  const { state, nowMs } = draft
  const { answer, settings } = state
  if (answer === null) return
  response.llm = 'waiting'
  response.llmAtMs ??= nowMs + settings.failures.llmFirstTokenMs
  emit(draft, {
    type: 'llm.request',
    responseId: response.id,
    turnId: answer.turnId,
    messages: promptMessages(settings, state.history, answer.text),
    maxTokens: settings.maxTokens,
  })
}

function generating(draft: Draft, responseId: string): Response | null {
  const response = findResponse(draft, responseId)
  if (response === undefined || response.cut) return null
  return response.llm === 'waiting' || response.llm === 'streaming' ? response : null
}

/** More text of the reply; whole clauses go on to the synthesiser. */
export function deltaCame(draft: Draft, responseId: string, text: string): void {
  const response = generating(draft, responseId)
  if (response === null || text === '') return
  const { state, nowMs } = draft
  const { llmFirstTokenMs } = state.settings.failures
  const leftMs = (response.llmAtMs ?? nowMs) - nowMs
  // The next token's deadline moves once half of it is gone, so that not every token sets a timer.
  if (response.llm === 'waiting' || leftMs < llmFirstTokenMs / 2) response.llmAtMs = nowMs + llmFirstTokenMs
  response.llm = 'streaming'
  const { splitter, clauses } = pushText(response.splitter, text)
  response.splitter = splitter
  response.clauses.push(...clauses)
  markText(draft, response)
}

function markText(draft: Draft, response: Response): void {
  const { answer } = draft.state
  if (answer?.responseId !== response.id) return
  answer.marks.llmFirstTokenMs ??= draft.nowMs
  if (response.clauses.length > 0) answer.marks.llmFirstClauseMs ??= draft.nowMs
}

/** The reply is whole. One without a word is a failure: silence is no answer. */
export function replyFinished(draft: Draft, responseId: string, usage: TokenUsage | null): void {
  const response = generating(draft, responseId)
  if (response === null) return
  const { splitter, clauses } = flushText(response.splitter)
  response.splitter = splitter
  response.clauses.push(...clauses)
  response.llm = 'done'
  response.llmAtMs = null
  response.complete = true
  response.usage = usage
  markText(draft, response)
  if (response.segments.length > 0 || response.clauses.length > 0) return
  recordFailure(draft, 'llm', 'the reply has no words')
  replaceReply(draft, response)
}

/** One more attempt where nothing had come yet and the budget allows; else what has come is said, then the excuse. */
export function replyFailed(draft: Draft, event: Extract<EngineEvent, { type: 'llm.failed' }>): void {
  const response = generating(draft, event.responseId)
  if (response === null) return
  const { state, nowMs } = draft
  recordFailure(draft, 'llm', event.message)
  const leftMs = (response.llmAtMs ?? nowMs) - nowMs
  const untouched = response.llm === 'waiting' && state.answer?.responseId === response.id
  if (untouched && event.retryable && response.attempt === 1 && leftMs >= bounds.retryMs && state.answer !== null) {
    response.id = nextId(draft, 'response')
    response.attempt++
    state.answer.responseId = response.id
    requestReply(draft, response)
    return
  }
  endReply(draft, response)
}

/** No token in time, neither the first nor the next. */
export function replyTimedOut(draft: Draft): void {
  const response = draft.state.queue.find(({ llmAtMs, cut }) => llmAtMs !== null && !cut)
  if (response === undefined) return
  recordFailure(draft, 'llm', response.llm === 'waiting' ? 'no first token in time' : 'no next token in time')
  emit(draft, { type: 'llm.cancel', responseId: response.id })
  endReply(draft, response)
}

function endReply(draft: Draft, response: Response): void {
  response.llm = 'failed'
  response.llmAtMs = null
  response.complete = true
  response.failed = true
  if (response.segments.length === 0 && response.clauses.length === 0) {
    replaceReply(draft, response)
    return
  }
  // Half a clause would be a riddle; it is kept for the record only.
  excuse(draft, 'llm', response.turnId)
}

/** Nothing of the reply was made: the excuse stands in its place. */
function replaceReply(draft: Draft, response: Response): void {
  const { state, nowMs } = draft
  state.queue = state.queue.filter(({ id }) => id !== response.id)
  if (state.answer?.responseId === response.id) {
    state.answer.marks.llmFirstTokenMs ??= nowMs
    state.answer.marks.llmFirstClauseMs ??= nowMs
  }
  excuse(draft, 'llm', response.turnId)
}
