import { bounds } from './bounds.js'
import { type Draft, emit, pastMs, record } from './draft.js'
import { beginOverlap, overlapEnds } from './overlap.js'
import { beginDeciding, openTurn, reopenAnswer, reopenTurn } from './turn.js'

/** VAD: the caller speaks. Opens a turn, goes on with the open one, or takes up one that was not answered yet. */
export function speechStarted(draft: Draft, reportedMs: number): void {
  const { state } = draft
  if (state.caller.speaking) return
  const startMs = pastMs(draft, reportedMs)
  state.caller = { ...state.caller, speaking: true, noiseSinceMs: null, speechStartMs: startMs }
  record(draft, { type: 'caller.speech_started', atMs: startMs })
  // While keys are being pressed the microphone hears the keys.
  if (state.phase !== 'live' || state.digits !== null) return
  if (state.turn !== null && !state.turn.dtmf) {
    reopenTurn(draft, state.turn)
  } else if (state.turn === null) {
    takeUpTurn(draft, startMs)
  }
  beginOverlap(draft, startMs)
}

/** VAD: the caller pauses. */
export function speechStopped(draft: Draft, lastVoicedMs: number): void {
  const { state } = draft
  const { speaking, noiseSinceMs } = state.caller
  state.caller.speaking = false
  state.caller.noiseSinceMs = null
  if (speaking) {
    record(draft, { type: 'caller.speech_stopped', atMs: pastMs(draft, lastVoicedMs) })
    state.silence.sinceMs = draft.nowMs
  }
  if (state.phase !== 'live') return
  if (state.turn?.phase === 'open') {
    beginDeciding(draft, lastVoicedMs)
    overlapEnds(draft)
  } else if (state.turn === null) {
    if (state.overlap?.mode === 'passed') state.overlap = null
    const unheardMs = noiseSinceMs === null ? 0 : pastMs(draft, lastVoicedMs) - noiseSinceMs
    if (unheardMs < bounds.unheardMs || state.digits !== null) return
    // What was taken for noise went on for a while: there may be words in it by now.
    takeUpTurn(draft, draft.nowMs - unheardMs)
    beginDeciding(draft, lastVoicedMs)
  }
}

/** Takes up the turn that was not answered yet, while that is recent; otherwise opens a new one. */
function takeUpTurn(draft: Draft, startMs: number): void {
  const { answer } = draft.state
  const voiced = answer?.voiced === true
  if (voiced && draft.nowMs - answer.speechEndMs <= bounds.reopenMs) {
    reopenAnswer(draft)
    return
  }
  if (voiced) emit(draft, { type: 'asr.clear' })
  openTurn(draft, startMs, true)
}

/** The caller has put the call on hold or taken it back; nobody hears the agent meanwhile. */
export function heldChanged(draft: Draft, held: boolean): void {
  const { state } = draft
  if (state.caller.held === held) return
  state.caller.held = held
  state.silence.sinceMs = draft.nowMs
}
