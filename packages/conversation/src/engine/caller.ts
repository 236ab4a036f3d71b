import { bounds } from './bounds.js'
import { type Draft, emit, pastMs, record } from './draft.js'
import { beginOverlap, overlapEnds } from './overlap.js'
import { beginDeciding, openTurn, reopenAnswer, reopenTurn } from './turn.js'

/** VAD: the caller speaks. Opens a turn, goes on with the open one, or takes up one that was not answered yet. */
export function speechStarted(draft: Draft, reportedMs: number): void {
  const { state, nowMs } = draft
  if (state.caller.speaking) return
  const startMs = pastMs(draft, reportedMs)
  state.caller = { ...state.caller, speaking: true, noise: false, speechStartMs: startMs }
  record(draft, { type: 'caller.speech_started', atMs: startMs })
  // While keys are being pressed the microphone hears the keys.
  if (state.phase !== 'live' || state.digits !== null) return
  if (state.turn !== null && !state.turn.dtmf) {
    reopenTurn(draft, state.turn)
  } else if (state.turn === null) {
    const { answer } = state
    const fresh = answer?.voiced === true && nowMs - answer.speechEndMs <= bounds.reopenMs
    if (fresh) {
      reopenAnswer(draft)
    } else {
      if (answer?.voiced) emit(draft, { type: 'asr.clear' })
      openTurn(draft, startMs, true)
    }
  }
  beginOverlap(draft, startMs)
}

/** VAD: the caller pauses. */
export function speechStopped(draft: Draft, lastVoicedMs: number): void {
  const { state } = draft
  const wasSpeaking = state.caller.speaking
  state.caller.speaking = false
  state.caller.noise = false
  if (wasSpeaking) {
    record(draft, { type: 'caller.speech_stopped', atMs: pastMs(draft, lastVoicedMs) })
    state.silence.sinceMs = draft.nowMs
  }
  if (state.phase !== 'live') return
  if (state.turn?.phase === 'open') {
    beginDeciding(draft, lastVoicedMs)
    overlapEnds(draft)
  } else if (state.turn === null && state.overlap?.mode === 'passed') {
    state.overlap = null
  }
}

/** The caller has put the call on hold or taken it back; nobody hears the agent meanwhile. */
export function heldChanged(draft: Draft, held: boolean): void {
  const { state } = draft
  if (state.caller.held === held) return
  state.caller.held = held
  state.silence.sinceMs = draft.nowMs
}
