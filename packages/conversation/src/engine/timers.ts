import { type Draft, emit } from './draft.js'
import type { TimerName } from './event.js'
import { segmentMs } from './queue.js'
import { idleAtMs } from './silence.js'
import type { EngineState } from './state.js'

/** Every deadline of a state: the timers are what the state says, no more and no less. */
export function deadlines(state: EngineState): Record<TimerName, number | null> {
  const { turn, overlap, closing, digits, clearing, answeredMs, settings } = state
  const live = state.phase === 'live'
  return {
    end_of_turn: (turn?.reopens == null ? turn?.decideAtMs : null) ?? null,
    eot_reply: turn?.endOfTurnReplyAtMs ?? null,
    asr_final: turn?.finalAtMs ?? null,
    turn_watchdog: turn?.watchdogAtMs ?? null,
    missing_text: turn?.missingAtMs ?? null,
    barge_in: overlap?.bargeInAtMs ?? null,
    resume: overlap?.resumeAtMs ?? null,
    idle: idleAtMs(state),
    llm_first_token: state.queue.find(({ llmAtMs, cut }) => llmAtMs !== null && !cut)?.llmAtMs ?? null,
    tts_stall: stallAtMs(state),
    digits: digits?.atMs ?? null,
    interrupt_watchdog: clearing?.atMs ?? null,
    max_duration: live && closing === null && answeredMs !== null ? answeredMs + settings.limits.maxCallMs : null,
    close: closing?.atMs ?? null,
  }
}

/** When the head of the queue should have been heard, or should have ended. */
function stallAtMs(state: EngineState): number | null {
  const { sink, settings } = state
  if (sink.level === 'paused' || state.clearing !== null) return null
  const response = state.queue.find(({ cut }) => !cut)
  const index = response?.segments.findIndex(({ playout }) => playout !== 'played') ?? -1
  const segment = response?.segments[index]
  if (response === undefined || segment === undefined) return null
  const { ttsStallMs } = settings.failures
  if (segment.playout === 'playing') {
    // Twice the estimate while the length is not known: slow speech is no stall.
    const lengthMs = segment.durationMs ?? 2 * segmentMs(segment)
    return segment.startMs + segment.pausedMs + lengthMs + ttsStallMs
  }
  const before = response.startMs === null ? segment.askedMs : Math.max(segment.askedMs, response.endMs)
  return Math.max(before, sink.resumedMs) + ttsStallMs
}

/** Sets, moves and cancels timers so that they agree with the state. */
export function syncTimers(draft: Draft): void {
  const { state } = draft
  const wanted = state.phase === 'ended' ? null : deadlines(state)
  const names = Object.keys(wanted ?? state.timers) as TimerName[]
  for (const timer of names) {
    const atMs = wanted?.[timer] ?? null
    const running = state.timers[timer]
    if (atMs === null) {
      if (running === undefined) continue
      delete state.timers[timer]
      emit(draft, { type: 'timer.cancel', timer })
    } else if (running?.atMs !== atMs) {
      const token = ++state.counters.token
      state.timers[timer] = { token, atMs }
      emit(draft, { type: 'timer.set', timer, token, atMs })
    }
  }
}
