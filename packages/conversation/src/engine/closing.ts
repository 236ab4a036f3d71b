import { rememberCaller, settleAnswer } from './answer.js'
import { bounds } from './bounds.js'
import { cutResponses, stopGenerating } from './cut.js'
import { type Draft, emit, record } from './draft.js'
import type { EndCause } from './event.js'
import { enqueue, estimatePlayed, retireCut, silencedMs } from './queue.js'
import { askText, turnText } from './turn.js'

/**
 * The call is to end: what has words is said to its end, then the goodbye, then the hang-up. `cancellable` lets the
 * caller's words take the call back.
 */
export function beginClosing(draft: Draft, cause: EndCause, goodbye: string | null, cancellable = false): void {
  const { state, nowMs } = draft
  if (state.closing !== null && !state.closing.cancellable) return
  state.closing = { cause, cancellable, flushing: false, atMs: nowMs + bounds.closeMs }
  state.announcements = []
  state.opening = null
  for (const response of [...state.queue]) {
    const wordless = response.segments.length === 0 && response.clauses.length === 0
    if (wordless && response.llm !== 'none') {
      cutResponses(draft, [response])
    } else if (goodbye !== null && response.llm !== 'none' && !response.complete) {
      stopGenerating(draft, response)
      response.complete = true
    }
  }
  if (goodbye !== null) enqueue(draft, 'goodbye', goodbye, { interruptible: cancellable })
}

/** Hangs up once everything is said and the caller's last words are on record. */
export function settleClosing(draft: Draft): void {
  const { state, nowMs } = draft
  const { closing, turn } = state
  if (closing === null || state.phase !== 'live' || state.queue.length > 0 || state.clearing !== null) return
  if (turn !== null && closing.cancellable) return
  if (turn !== null && !turn.dtmf && turn.finalText === null && turn.asr !== 'failed') {
    if (closing.flushing) return
    closing.flushing = true
    closing.atMs = nowMs + bounds.lastWordsMs
    if (turn.phase === 'open' && state.caller.speaking) return
    turn.phase = 'decided'
    turn.decideAtMs = null
    turn.watchdogAtMs = null
    turn.endOfTurnReplyAtMs = null
    if (turn.asr === 'idle') askText(draft, turn)
    return
  }
  hangUp(draft)
}

/** Ends the call now. */
function hangUp(draft: Draft): void {
  const { state, nowMs } = draft
  if (state.closing === null || state.phase === 'hanging_up') return
  flushCaller(draft)
  state.phase = 'hanging_up'
  state.closing.atMs = nowMs + bounds.goneMs
  emit(draft, { type: 'call.hangup', cause: state.closing.cause })
}

/** The close timer: whatever it was waiting for, it is over now. */
export function closeTimedOut(draft: Draft): void {
  const { state } = draft
  if (state.closing === null) return
  if (state.phase === 'hanging_up') endCall(draft, state.closing.cause)
  else hangUp(draft)
}

/** The call is gone. The last words of both sides go on record, and nothing is left running. */
export function endCall(draft: Draft, cause: EndCause): void {
  const { state, nowMs } = draft
  flushCaller(draft)
  for (const response of [...state.queue]) {
    response.stray = false
    retireCut(draft, response, (segment) => estimatePlayed(segment, silencedMs(draft)))
  }
  settleAnswer(draft)
  draft.effects = draft.effects.filter(({ type }) => type === 'record')
  const told = state.phase === 'hanging_up' ? (state.closing?.cause ?? cause) : cause
  record(draft, { type: 'ended', cause: told, atMs: nowMs })
  state.phase = 'ended'
  state.clearing = null
  state.overlap = null
  state.opening = null
  state.closing = null
  state.announcements = []
}

/** Puts what the caller was saying, or keying, on record: nothing will answer it. */
function flushCaller(draft: Draft): void {
  const { state, nowMs } = draft
  const { turn, digits } = state
  if (turn !== null && turn.reopens !== null && state.answer !== null && turnText(turn) !== '') {
    state.answer.text = turnText(turn)
    state.turn = null
  } else if (turn !== null) {
    if (state.answer !== null) settleAnswer(draft)
    state.turn = null
    const text = turnText(turn)
    if (text === '') {
      record(draft, { type: 'turn.dropped', turnId: turn.id, reason: 'no_text', text })
    } else {
      const endMs = turn.phase === 'open' ? nowMs : turn.speechEndMs
      record(draft, { type: 'caller.said', turnId: turn.id, text, startMs: turn.startMs, endMs, dtmf: turn.dtmf })
      rememberCaller(draft, text)
    }
  }
  state.digits = null
  if (digits === null || digits.text === '') return
  const { text, startMs, endMs } = digits
  state.counters.turn++
  record(draft, { type: 'caller.said', turnId: `turn-${state.counters.turn}`, text, startMs, endMs, dtmf: true })
  rememberCaller(draft, text)
}
