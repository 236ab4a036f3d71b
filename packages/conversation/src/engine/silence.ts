import { bounds } from './bounds.js'
import { beginClosing } from './closing.js'
import { type Draft, record } from './draft.js'
import { enqueue } from './queue.js'
import type { EngineState } from './state.js'

/** When silence of both sides will have lasted too long; null while somebody speaks, thinks or is on hold. */
export function idleAtMs(state: EngineState): number | null {
  const { phase, caller, turn, answer, queue, digits, closing, opening, silence, settings } = state
  if (phase !== 'live' || closing !== null || caller.held || (caller.speaking && caller.noiseSinceMs === null))
    return null
  if (turn !== null || answer !== null || queue.length > 0 || digits !== null) return null
  return opening === null ? silence.sinceMs + settings.noInput.timeoutMs : opening.greetAtMs
}

/** Nobody has said anything: ask again, and after the last time say goodbye. The first silence is a greeting's cue. */
export function silenceTimedOut(draft: Draft): void {
  const { state, nowMs } = draft
  if (state.opening !== null) {
    greet(draft)
    return
  }
  const { reprompts, goodbye } = state.settings.noInput
  state.silence.attempts++
  state.silence.sinceMs = nowMs
  record(draft, { type: 'no_input', atMs: nowMs, attempt: state.silence.attempts })
  const reprompt = reprompts[state.silence.attempts - 1]
  if (reprompt === undefined) beginClosing(draft, 'no_input', goodbye, true)
  else enqueue(draft, 'reprompt', reprompt)
}

/** The call is up. On an outgoing one the callee speaks first, so the greeting waits a little. */
export function callAnswered(draft: Draft, direction: 'inbound' | 'outbound'): void {
  const { state, nowMs } = draft
  if (state.phase !== 'connecting') return
  state.phase = 'live'
  state.answeredMs = nowMs
  state.silence.sinceMs = nowMs
  if (direction === 'outbound') state.opening = { greetAtMs: nowMs + bounds.calleeSilentMs }
  else greet(draft)
}

/** Says the greeting, where there is one. */
export function greet(draft: Draft): void {
  const { state } = draft
  const { greeting, greetingInterruptible } = state.settings
  state.opening = null
  state.silence.sinceMs = draft.nowMs
  if (greeting !== null) enqueue(draft, 'greeting', greeting, { interruptible: greetingInterruptible })
}
