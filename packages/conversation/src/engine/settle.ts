import { settleClosing } from './closing.js'
import { commitTurn } from './commit.js'
import type { Draft } from './draft.js'
import { holdLaunch, judgeTurn } from './judge.js'
import { resumeAgent } from './overlap.js'
import { enqueue, feedQueue, retireFinished } from './queue.js'
import { decide } from './turn.js'

const maxRounds = 16

/** Draws every consequence of an event, until nothing follows any more. */
export function settle(draft: Draft): void {
  const { state } = draft
  if (state.phase === 'ended') return
  for (let round = 0; round < maxRounds && settleOnce(draft); round++);
  if (state.phase === 'live') holdLaunch(draft)
  feedQueue(draft)
  setSink(draft)
}

function settleOnce(draft: Draft): boolean {
  const { state, nowMs } = draft
  if (retireFinished(draft)) return true
  if (state.phase !== 'live') return false
  if (judgeTurn(draft)) return true
  const { turn, overlap } = state
  if (turn === null && overlap !== null && overlap.mode !== 'passed') {
    // Whatever the agent was held back for is gone.
    resumeAgent(draft, state.caller.speaking)
    return true
  }
  if (turn !== null && turn.decideAtMs !== null && turn.decideAtMs <= nowMs && turn.reopens === null) {
    decide(draft, turn)
    return true
  }
  if (commitTurn(draft)) return true
  if (announce(draft)) return true
  settleClosing(draft)
  return false
}

/** Announcements are spoken when the caller does not have the word. */
function announce(draft: Draft): boolean {
  const { state } = draft
  const { announcements, caller } = state
  if (state.turn !== null || state.answer !== null || state.digits !== null || state.opening !== null) return false
  if ((caller.speaking && caller.noiseSinceMs === null) || announcements.length === 0) return false
  for (const { text, interruptible } of announcements.splice(0)) enqueue(draft, 'said', text, { interruptible })
  return true
}

/** The volume follows from the state: silence on hold and while a pause lasts, less while the caller may be starting. */
function setSink(draft: Draft): void {
  const { state, nowMs } = draft
  const { overlap, caller, sink, queue } = state
  // What is being cleared must not sound again before it is gone.
  const clearing = state.clearing !== null && sink.level === 'paused'
  const paused = (caller.held && queue.length > 0) || overlap?.mode === 'paused' || clearing
  const level = paused ? 'paused' : overlap?.mode === 'ducked' ? 'ducked' : 'normal'
  if (level === sink.level) return
  if (sink.level === 'paused')
    for (const segment of queue.flatMap(({ segments }) => segments))
      if (segment.playout === 'playing') segment.pausedMs += nowMs - Math.max(sink.sinceMs, segment.startMs)
  state.sink = { level, sinceMs: nowMs, resumedMs: sink.level === 'paused' ? nowMs : sink.resumedMs }
  const effect = { normal: 'playout.resume', ducked: 'playout.duck', paused: 'playout.pause' } as const
  draft.effects.push({ type: effect[level] })
}
