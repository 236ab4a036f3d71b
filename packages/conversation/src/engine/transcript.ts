import { bounds } from './bounds.js'
import { cutResponses } from './cut.js'
import { type Draft, emit, ignoreSpeech, record, recordFailure } from './draft.js'
import type { EngineEvent } from './event.js'
import { findResponse } from './queue.js'
import type { Turn } from './state.js'
import { askText, beginDeciding, latestDelayMs, openTurn, reopenAnswer, turnText } from './turn.js'
import { beginAlike, countWords, differs, goesBeyond } from './words.js'

/** The turn's text so far. Alone, without VAD, it opens a turn only while nobody speaks. */
export function partialCame(draft: Draft, text: string): void {
  const { state, nowMs } = draft
  if (state.phase !== 'live' || state.digits !== null || countWords(text) === 0) return
  const turn = state.turn ?? openByText(draft, text)
  if (turn === null || turn.dtmf || turn.finalText !== null || turn.partial === text) return
  const news = goesBeyond(text, turn.partial)
  turn.steady = beginAlike(turn.partial, text) || countWords(text) >= bounds.surePartialWords
  turn.partial = text
  record(draft, { type: 'caller.partial', turnId: turn.id, text })
  if (!turn.voiced && turn.phase === 'deciding') {
    turn.speechEndMs = nowMs
    turn.decideAtMs = nowMs + state.settings.endOfTurn.minDelayMs
  }
  const fresh = news && goesBeyond(text, turn.knownText)
  if (fresh && turn.watchdogAtMs !== null) turn.watchdogAtMs = nowMs + bounds.wordlessSpeechMs
}

function openByText(draft: Draft, text: string): Turn | null {
  const { state, nowMs } = draft
  const { answer } = state
  if (answer?.voiced) {
    // Speech that was taken for noise has words after all; anything else is a straggler of the answered turn.
    if (!state.caller.speaking || !goesBeyond(text, answer.text)) return null
    state.caller.noiseSinceMs = null
    reopenAnswer(draft)
    return state.turn
  }
  if (state.caller.speaking) {
    const startMs = state.caller.noiseSinceMs ?? state.caller.speechStartMs
    state.caller.noiseSinceMs = null
    return openTurn(draft, Math.min(nowMs, startMs), true)
  }
  if (state.queue.length > 0) return null
  const turn = openTurn(draft, nowMs, false)
  turn.phase = 'deciding'
  turn.watchdogAtMs = null
  turn.decideAtMs = nowMs + state.settings.endOfTurn.minDelayMs
  return turn
}

/** The whole text of a turn has come. */
export function finalCame(draft: Draft, event: Extract<EngineEvent, { type: 'asr.final' }>): void {
  const { state, nowMs } = draft
  const { turn } = state
  const text = event.text.trim()
  if (turn === null || turn.id !== event.turnId || turn.revision !== event.revision) {
    lateFinal(draft, event, text)
    return
  }
  if (turn.dtmf || (turn.asr !== 'asked' && !turn.finalLate)) return
  turn.asr = 'answered'
  turn.finalAtMs = null
  turn.missingAtMs = null
  turn.finalLate = false
  if (text !== '') {
    state.failures.asr = 0
    state.silence.sinceMs = nowMs
  }
  if (turn.probing) {
    probeAnswered(draft, turn, text)
    return
  }
  turn.finalText = text === '' ? turn.knownText : text
  turn.textMs = nowMs
  if (turn.phase !== 'deciding' || turn.decideAtMs === null) return
  if (state.opening !== null) turn.decideAtMs = turn.speechEndMs + latestDelayMs(draft)
  if (turn.knownText === '' || turn.reopens !== null || differs(turn.finalText, turn.knownText)) return
  // What followed the known text was noise: the decision keeps its old anchor.
  turn.speechEndMs = turn.knownEndMs
  turn.decideAtMs = Math.min(turn.decideAtMs, turn.knownEndMs + state.settings.endOfTurn.maxDelayMs)
}

/** Text for a turn that had to be committed, or excused, without it: as long as nothing was heard it counts. */
function lateFinal(draft: Draft, event: { turnId: string; revision: number }, text: string): void {
  const { state, nowMs } = draft
  const { answer } = state
  if (text !== '' && state.turn === null) state.silence.sinceMs = nowMs
  if (answer === null || state.turn !== null || !answer.finalLate || text === '') return
  if (answer.turnId !== event.turnId || answer.revision !== event.revision) return
  answer.finalLate = false
  state.failures.asr = 0
  if (!differs(text, answer.text)) {
    answer.text = text
    return
  }
  state.answer = null
  const turn = openTurn(draft, answer.startMs, answer.voiced, answer.turnId)
  Object.assign(turn, {
    revision: answer.revision,
    phase: 'decided',
    speechEndMs: answer.speechEndMs,
    anchored: answer.anchored,
    finalText: text,
    asr: 'answered',
    watchdogAtMs: null,
    decidedMs: answer.marks.decidedMs,
    textMs: nowMs,
  } satisfies Partial<Turn>)
  const response = findResponse(draft, answer.responseId)
  if (response !== undefined) cutResponses(draft, [response])
}

/** Asked in mid-speech: new words mean real speech, anything else is noise and the turn is decided on what is known. */
function probeAnswered(draft: Draft, turn: Turn, text: string): void {
  const { state, nowMs } = draft
  turn.probing = false
  if (differs(text, turn.knownText)) {
    turn.knownText = text
    turn.knownEndMs = nowMs
    turn.revision++
    turn.asr = 'idle'
    turn.watchdogAtMs = nowMs + bounds.wordlessSpeechMs
    const { overlap, settings } = state
    if (overlap?.mode === 'paused') overlap.resumeAtMs = nowMs + settings.interruption.resumeAfterMs
    emit(draft, { type: 'asr.reopen', turnId: turn.id, revision: turn.revision })
    return
  }
  recordFailure(draft, 'asr', 'speech without a new word is taken for noise')
  ignoreSpeech(draft, turn.askedMs)
  turn.phase = 'deciding'
  turn.speechEndMs = turn.knownText === '' ? nowMs : turn.knownEndMs
  turn.finalText = turn.knownText
  turn.textMs = nowMs
  turn.decideAtMs = nowMs
}

/** The recogniser has failed, or `message` tells that it took too long. What it told before is taken, if anything. */
export function finalFailed(draft: Draft, turn: Turn, message: string, late: boolean): void {
  const { state, nowMs } = draft
  recordFailure(draft, 'asr', message)
  turn.finalAtMs = null
  turn.missingAtMs = null
  turn.finalLate = late
  turn.asr = 'failed'
  if (turn.probing) {
    turn.probing = false
    ignoreSpeech(draft, turn.askedMs)
    turn.phase = 'deciding'
    turn.speechEndMs = nowMs
    turn.decideAtMs = nowMs
  }
  const text = turnText(turn)
  if (text !== '') {
    turn.finalText = text
    turn.textMs = nowMs
  } else if (turn.decideAtMs !== null) {
    const earliestMs = turn.speechEndMs + state.settings.endOfTurn.minDelayMs
    turn.decideAtMs = Math.min(turn.decideAtMs, Math.max(nowMs, earliestMs))
  }
}

/** Speech goes on and on without a word: ask whether there is anything in it. */
export function probeSpeech(draft: Draft, turn: Turn): void {
  turn.watchdogAtMs = null
  if (turn.phase !== 'open') return
  if (!draft.state.caller.speaking) {
    beginDeciding(draft, draft.nowMs)
    return
  }
  turn.probing = true
  askText(draft, turn)
}

/** No text for speech that has ended: on record, the turn's own deadlines decide what follows. */
export function textMissing(draft: Draft, turn: Turn): void {
  turn.missingAtMs = null
  const lengthMs = Math.round(turn.speechEndMs - turn.startMs)
  recordFailure(draft, 'asr', `no text for ${lengthMs} ms of speech`)
}
