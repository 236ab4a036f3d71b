import { bounds } from './bounds.js'
import { type Draft, record } from './draft.js'

/** The caller starts to speak over the agent: lower the volume first, pause later, decide last. */
export function beginOverlap(draft: Draft, speechStartMs: number): void {
  const { state, nowMs } = draft
  const head = state.queue[0]
  const { interruption } = state.settings
  if (head === undefined || head.cut || head.startMs === null || !head.interruptible || !interruption.enabled) return
  if (state.overlap?.mode === 'paused') {
    const longestMs = (state.overlap.pausedMs ?? nowMs) + bounds.pauseExtensions * interruption.resumeAfterMs
    state.overlap.resumeAtMs = Math.min(nowMs + interruption.resumeAfterMs, longestMs)
    return
  }
  const bargeInAtMs = Math.max(nowMs, speechStartMs + interruption.minDurationMs)
  state.overlap = { mode: 'ducked', pausedMs: null, bargeInAtMs, resumeAtMs: null }
}

/** Silences the agent, position kept, until words or their absence decide. */
export function pauseAgent(draft: Draft): void {
  const { state, nowMs } = draft
  const resumeAtMs = nowMs + state.settings.interruption.resumeAfterMs
  state.overlap = { mode: 'paused', pausedMs: nowMs, bargeInAtMs: null, resumeAtMs }
}

/** The caller's sound over the agent has ended, unjudged: the agent comes back soon, words or no words. */
export function overlapEnds(draft: Draft): void {
  const { state, nowMs } = draft
  const { overlap } = state
  if (overlap === null || overlap.mode === 'passed') return
  const { resumeAfterMs } = state.settings.interruption
  overlap.bargeInAtMs = null
  const longestMs = (overlap.pausedMs ?? nowMs) + bounds.pauseExtensions * resumeAfterMs
  overlap.resumeAtMs = Math.min(nowMs + resumeAfterMs, Math.max(nowMs, longestMs))
}

/** The agent goes on. `passed` keeps the caller's running speech from pausing it again. */
export function resumeAgent(draft: Draft, passed: boolean): void {
  recordPause(draft, 'resumed')
  draft.state.overlap = passed ? { mode: 'passed', pausedMs: null, bargeInAtMs: null, resumeAtMs: null } : null
}

/** Puts a pause that is over, and what came of it, on record. */
export function recordPause(draft: Draft, outcome: 'barge_in' | 'resumed'): void {
  const { state, nowMs } = draft
  const head = state.queue[0]
  const pausedMs = state.overlap?.pausedMs ?? null
  if (head === undefined || head.startMs === null) return
  if (outcome === 'resumed' && pausedMs === null) return
  record(draft, {
    type: 'interruption',
    atMs: nowMs,
    outcome,
    responseId: head.id,
    pausedMs: pausedMs === null ? 0 : nowMs - pausedMs,
  })
}
