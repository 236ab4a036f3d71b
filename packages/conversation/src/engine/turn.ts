import { bounds } from './bounds.js'
import { type Draft, emit, ignoreSpeech, nextId, pastMs, record } from './draft.js'
import { resumeAgent } from './overlap.js'
import type { Turn } from './state.js'

/** The best text known of a turn. */
export function turnText(turn: Turn): string {
  if (turn.finalText !== null) return turn.finalText
  return turn.partial.length > turn.knownText.length ? turn.partial : turn.knownText
}

/** A new turn, in mid-speech. */
export function openTurn(draft: Draft, startMs: number, voiced: boolean, id = nextId(draft, 'turn')): Turn {
  const turn: Turn = {
    id,
    revision: 0,
    phase: 'open',
    voiced,
    dtmf: false,
    startMs,
    speechEndMs: startMs,
    anchored: true,
    partial: '',
    steady: false,
    finalText: null,
    knownText: '',
    knownEndMs: startMs,
    askedMs: draft.nowMs,
    asr: 'idle',
    probing: false,
    finalLate: false,
    decideAtMs: null,
    endOfTurnReplyAtMs: null,
    finalAtMs: null,
    watchdogAtMs: draft.nowMs + bounds.wordlessSpeechMs,
    missingAtMs: null,
    decidedMs: null,
    textMs: null,
    reopens: null,
  }
  draft.state.turn = turn
  return turn
}

/** The caller goes on before the answer: same turn, next revision, no audio lost, the decision off. */
export function reopenTurn(draft: Draft, turn: Turn): void {
  if (turn.finalText !== null && turn.finalText !== '') {
    turn.knownText = turn.finalText
    turn.knownEndMs = turn.speechEndMs
  }
  turn.finalText = null
  turn.textMs = null
  turn.decidedMs = null
  turn.phase = 'open'
  turn.voiced = true
  turn.endOfTurnReplyAtMs = null
  turn.finalAtMs = null
  turn.missingAtMs = null
  turn.probing = false
  turn.decideAtMs = null
  // Sound without words must not move the decision about words that are already there: ask early what it is.
  const latestMs = turn.knownEndMs + draft.state.settings.endOfTurn.maxDelayMs
  const waits = turn.knownText !== '' && turn.reopens === null
  const patienceMs = draft.nowMs + (waits ? bounds.noiseGraceMs : bounds.wordlessSpeechMs)
  turn.watchdogAtMs = waits ? Math.max(latestMs, patienceMs) : patienceMs
  if (turn.asr === 'idle') return
  turn.asr = 'idle'
  turn.revision++
  emit(draft, { type: 'asr.reopen', turnId: turn.id, revision: turn.revision })
}

/** The committed turn whose answer was not heard yet is open again; its answer is kept back until words decide. */
export function reopenAnswer(draft: Draft): void {
  const { answer } = draft.state
  if (answer === null) return
  const turn = openTurn(draft, answer.startMs, true, answer.turnId)
  turn.revision = answer.revision + 1
  turn.knownText = answer.text
  turn.knownEndMs = answer.speechEndMs
  turn.reopens = answer.text
  turn.anchored = answer.anchored
  emit(draft, { type: 'asr.reopen', turnId: turn.id, revision: turn.revision })
}

/** The caller pauses: ask for the text, hidden under the wait, and for the odds that the turn is over. */
export function beginDeciding(draft: Draft, lastVoicedMs: number): void {
  const { state, nowMs } = draft
  const { turn } = state
  if (turn === null) return
  turn.phase = 'deciding'
  turn.watchdogAtMs = null
  turn.speechEndMs = pastMs(draft, lastVoicedMs)
  if (turn.speechEndMs < turn.startMs) {
    turn.speechEndMs = nowMs
    turn.anchored = false
  }
  turn.decideAtMs = turn.speechEndMs + latestDelayMs(draft)
  turn.missingAtMs = Math.max(nowMs, turn.speechEndMs + bounds.missingTextMs)
  if (turn.asr === 'asked') {
    // The commit in flight does not cover the last of the speech.
    turn.revision++
    turn.probing = false
    emit(draft, { type: 'asr.reopen', turnId: turn.id, revision: turn.revision })
  }
  askText(draft, turn)
  if (state.opening !== null) return
  turn.endOfTurnReplyAtMs = nowMs + state.settings.endOfTurn.replyTimeoutMs
  emit(draft, { type: 'eot.predict', turnId: turn.id, revision: turn.revision })
}

/** Asks the recogniser for the turn's final text. */
export function askText(draft: Draft, turn: Turn): void {
  turn.asr = 'asked'
  turn.askedMs = draft.nowMs
  turn.finalAtMs = draft.nowMs + draft.state.settings.failures.asrFinalMs
  emit(draft, { type: 'asr.commit', turnId: turn.id, revision: turn.revision })
}

/** Longest wait from the last voiced sample to the decision. */
export function latestDelayMs(draft: Draft): number {
  const { opening, settings, turn } = draft.state
  if (opening === null) return settings.endOfTurn.maxDelayMs
  return turn !== null && turnText(turn) !== '' ? bounds.calleeTextMs : bounds.calleeNoTextMs
}

/** The end-of-turn model has answered (`done`), or has not, or cannot (`unknown`). */
export function applyPrediction(draft: Draft, turn: Turn, odds: 'done' | 'more' | 'unknown'): void {
  turn.endOfTurnReplyAtMs = null
  const { minDelayMs, maxDelayMs } = draft.state.settings.endOfTurn
  turn.decideAtMs = turn.speechEndMs + (odds === 'more' ? maxDelayMs : minDelayMs)
}

/** The turn is over, as far as the caller goes. */
export function decide(draft: Draft, turn: Turn): void {
  turn.phase = 'decided'
  turn.decidedMs = draft.nowMs
  turn.decideAtMs = null
  turn.endOfTurnReplyAtMs = null
  turn.watchdogAtMs = null
  if (turn.asr === 'idle' && turn.finalText === null && !turn.dtmf) askText(draft, turn)
}

/** The turn gets no answer. What it had paused goes on. */
export function dropTurn(draft: Draft, reason: 'no_text' | 'backchannel' | 'too_short' | 'superseded'): void {
  const { state } = draft
  const { turn } = state
  if (turn === null) return
  state.turn = null
  record(draft, { type: 'turn.dropped', turnId: turn.id, reason, text: turnText(turn) })
  if (state.answer === null || !state.answer.voiced) emit(draft, { type: 'asr.clear' })
  if (turn.voiced) state.silence.sinceMs = draft.nowMs
  ignoreSpeech(draft)
  if (state.overlap !== null) resumeAgent(draft, state.caller.speaking)
}
