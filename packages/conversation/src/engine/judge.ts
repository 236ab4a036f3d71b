import { cutResponses, interruptAgent } from './cut.js'
import { type Draft, ignoreSpeech } from './draft.js'
import { excuse } from './failure.js'
import { pauseAgent, resumeAgent } from './overlap.js'
import { findResponse } from './queue.js'
import type { Response, Turn } from './state.js'
import { probeSpeech } from './transcript.js'
import { dropTurn, turnText } from './turn.js'
import { countWords, differs, goesBeyond, judgeWords } from './words.js'

/** Decides what the open turn is, as far as its words tell by now: noise, a backchannel, an interruption, more text. */
export function judgeTurn(draft: Draft): boolean {
  const { state } = draft
  const { turn } = state
  if (turn === null || state.phase !== 'live') return false
  if (turn.reopens !== null) return judgeReopened(draft, turn, turn.reopens)
  if (turn.finalText === '' && !turn.dtmf) {
    dropTurn(draft, 'no_text')
    return true
  }
  if (turn.asr === 'failed' && turn.finalText === null && turn.phase === 'decided') return giveUp(draft, turn)
  const head = state.queue.find(({ cut }) => !cut)
  if (head === undefined || state.clearing !== null) return false
  return judgeOverlap(draft, turn, head)
}

/** More sound before the answer was heard: new words take the turn up again, none let the answer go out. */
function judgeReopened(draft: Draft, turn: Turn, committed: string): boolean {
  const { state } = draft
  const { answer } = state
  const news =
    differs(turn.finalText ?? turn.knownText, committed) ||
    (turn.finalText === null && goesBeyond(turn.partial, committed))
  if (news || answer === null) {
    turn.reopens = null
    const response = answer === null ? undefined : findResponse(draft, answer.responseId)
    state.answer = null
    state.overlap = null
    if (response !== undefined) cutResponses(draft, [response])
    return true
  }
  if (turn.finalText === null && turn.asr !== 'failed') return false
  answer.revision = turn.revision
  state.turn = null
  ignoreSpeech(draft)
  if (state.overlap !== null) resumeAgent(draft, state.caller.speaking)
  return true
}

/** No text will come. Over the agent's speech it was a noise; otherwise the caller waits and hears the excuse. */
function giveUp(draft: Draft, turn: Turn): boolean {
  const { state } = draft
  const overAgent = state.queue.length > 0
  const tooShort = turn.speechEndMs - turn.startMs < state.settings.interruption.minDurationMs
  if (overAgent || state.closing !== null || state.opening !== null) {
    dropTurn(draft, overAgent && tooShort ? 'too_short' : 'no_text')
    return true
  }
  state.turn = null
  state.overlap = null
  state.answer = {
    turnId: turn.id,
    revision: turn.revision,
    responseId: '',
    text: '',
    dtmf: false,
    voiced: true,
    startMs: turn.startMs,
    speechEndMs: turn.speechEndMs,
    anchored: false,
    finalLate: turn.finalLate,
    marks: {
      speechEndMs: turn.speechEndMs,
      decidedMs: turn.decidedMs ?? draft.nowMs,
      textMs: draft.nowMs,
      llmFirstTokenMs: null,
      llmFirstClauseMs: null,
      ttsFirstAudioMs: null,
    },
  }
  excuse(draft, 'asr', turn.id)
  return true
}

function judgeOverlap(draft: Draft, turn: Turn, head: Response): boolean {
  const { state, nowMs } = draft
  const { interruption } = state.settings
  const text = turnText(turn)
  const verdict = judgeWords(text, interruption.backchannels)
  if (verdict === 'none') return false
  // Speech from before the agent was heard is no reaction to it, whatever the word.
  const reaction = head.startMs === null || turn.startMs > head.startMs
  if (verdict === 'backchannel' && reaction) {
    if (turn.finalText === null || turn.dtmf) return false
    dropTurn(draft, 'backchannel')
    return true
  }
  const enough = countWords(text) >= interruption.minWords
  const open = head.interruptible && interruption.enabled && head.sparedBy !== `${turn.id}/${turn.revision}`
  const speechMs = (turn.phase === 'open' ? nowMs : turn.speechEndMs) - state.caller.speechStartMs
  const ripe = turn.finalText !== null || verdict === 'stop' || (turn.steady && speechMs >= interruption.minDurationMs)
  if (open && enough && ripe) {
    interruptAgent(draft)
    return true
  }
  if (turn.phase === 'decided' && state.overlap !== null) {
    // Too few words so far: they are kept, the agent goes on, and more words may add up.
    resumeAgent(draft, false)
    return true
  }
  return false
}

/** The caller has spoken over the agent for long enough: silence first, the words decide. */
export function bargeInDue(draft: Draft): void {
  const { state } = draft
  if (state.overlap === null) return
  state.overlap.bargeInAtMs = null
  if (state.overlap.mode === 'ducked') pauseAgent(draft)
}

/** A pause has lasted long enough. An open decision about words is waited for, noise is not. */
export function resumeDue(draft: Draft): void {
  const { state } = draft
  if (state.overlap === null) return
  state.overlap.resumeAtMs = null
  const { turn } = state
  if (turn?.phase === 'open' && state.caller.speaking && !turn.probing) {
    // Not a word yet, which says nothing where the recogniser gives no partials: ask.
    probeSpeech(draft, turn)
    return
  }
  // An answer that was not heard can still take in more words; once heard, it is too late.
  if (turn !== null && turn.reopens !== null && turn.asr === 'asked') return
  if (turn?.phase === 'deciding' && turn.decideAtMs !== null && turnText(turn) !== '' && turn.reopens === null) return
  resumeAgent(draft, state.caller.speaking)
}

/** What is about to be heard waits while the caller has the word. */
export function holdLaunch(draft: Draft): void {
  const { state } = draft
  const { turn, caller, overlap, settings } = state
  const head = state.queue.find(({ cut }) => !cut)
  if (head === undefined) {
    state.overlap = null
    return
  }
  if (overlap !== null || turn === null || turn.phase !== 'open' || !caller.speaking || caller.noiseSinceMs !== null)
    return
  const audible = head.segments.some(({ playout }) => playout === 'playing')
  const holdable = turn.reopens !== null || (head.interruptible && settings.interruption.enabled)
  if (!audible && holdable) pauseAgent(draft)
}
