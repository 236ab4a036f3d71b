import { bounds } from './bounds.js'
import { heldChanged, speechStarted, speechStopped } from './caller.js'
import { beginClosing, endCall } from './closing.js'
import { applyCleared } from './cut.js'
import { digitPressed } from './digits.js'
import { type Draft, openDraft, recordFailure } from './draft.js'
import { timerFired } from './due.js'
import type { EngineEffect } from './effect.js'
import type { EngineEvent } from './event.js'
import { endOfTurnFailed } from './failure.js'
import { deltaCame, replyFailed, replyFinished } from './reply.js'
import type { EngineSettings } from './settings.js'
import { settle } from './settle.js'
import { callAnswered } from './silence.js'
import { playoutFinished, playoutStarted, synthesisFailed, synthesisFinished, synthesisStarted } from './speech.js'
import type { EngineState, Turn } from './state.js'
import { syncTimers } from './timers.js'
import { finalCame, finalFailed, partialCame } from './transcript.js'
import { applyPrediction } from './turn.js'

/** A conversation before its call is answered. */
export function createEngine(settings: EngineSettings): EngineState {
  return {
    settings,
    phase: 'connecting',
    nowMs: 0,
    answeredMs: null,
    caller: { speaking: false, noiseSinceMs: null, speechStartMs: 0, held: false },
    turn: null,
    answer: null,
    queue: [],
    clearing: null,
    overlap: null,
    sink: { level: 'normal', sinceMs: 0, resumedMs: 0 },
    digits: null,
    opening: null,
    closing: null,
    announcements: [],
    history: [],
    silence: { sinceMs: 0, attempts: 0 },
    failures: { asr: 0, answer: 0, endOfTurnReported: false },
    timers: {},
    counters: { turn: 0, response: 0, segment: 0, token: 0 },
  }
}

/**
 * One step of a conversation. Pure: the given state stays as it is, the same arguments give the same result. Total:
 * any event may come in any state; what does not fit is ignored. `nowMs` is on the call's media clock.
 */
export function step(
  state: EngineState,
  event: EngineEvent,
  nowMs: number,
): { state: EngineState; effects: EngineEffect[] } {
  if (state.phase === 'ended') return { state, effects: [] }
  const draft = openDraft(state, Number.isFinite(nowMs) ? Math.max(state.nowMs, nowMs) : state.nowMs)
  const handle = handlers[event.type] as (draft: Draft, event: EngineEvent) => void
  handle(draft, event)
  settle(draft)
  syncTimers(draft)
  return { state: draft.state, effects: draft.effects }
}

type Handlers = { [T in EngineEvent['type']]: (draft: Draft, event: Extract<EngineEvent, { type: T }>) => void }

const handlers: Handlers = {
  'call.answered': (draft, { direction }) => callAnswered(draft, direction),
  'caller.speech_started': (draft, { startMs }) => speechStarted(draft, startMs),
  'caller.speech_stopped': (draft, { lastVoicedMs }) => speechStopped(draft, lastVoicedMs),
  'asr.partial': (draft, { text }) => partialCame(draft, text),
  'asr.final': finalCame,
  'asr.failed': (draft, event) => {
    const turn = currentTurn(draft, event)
    if (turn?.asr === 'asked') finalFailed(draft, turn, event.message, false)
  },
  'eot.predicted': (draft, event) => {
    const turn = currentTurn(draft, event)
    if (turn === null || turn.endOfTurnReplyAtMs === null) return
    const { threshold } = draft.state.settings.endOfTurn
    const odds = event.probability >= threshold ? 'done' : 'more'
    applyPrediction(draft, turn, Number.isFinite(event.probability) ? odds : 'unknown')
  },
  'eot.failed': (draft, event) => {
    const turn = currentTurn(draft, event)
    endOfTurnFailed(draft, event.message)
    if (turn !== null && turn.endOfTurnReplyAtMs !== null) applyPrediction(draft, turn, 'unknown')
  },
  'llm.delta': (draft, { responseId, text }) => deltaCame(draft, responseId, text),
  'llm.finished': (draft, { responseId, usage }) => replyFinished(draft, responseId, usage),
  'llm.failed': replyFailed,
  'tts.started': (draft, { responseId, segmentId }) => synthesisStarted(draft, responseId, segmentId),
  'tts.finished': (draft, { responseId, segmentId, durationMs }) =>
    synthesisFinished(draft, responseId, segmentId, durationMs),
  'tts.failed': (draft, { responseId, segmentId, message }) => synthesisFailed(draft, responseId, segmentId, message),
  'playout.started': (draft, { responseId, segmentId, atMs }) => playoutStarted(draft, responseId, segmentId, atMs),
  'playout.finished': (draft, { responseId, segmentId, atMs }) => playoutFinished(draft, responseId, segmentId, atMs),
  'playout.cleared': (draft, { segments }) => applyCleared(draft, segments),
  dtmf: (draft, { digit }) => digitPressed(draft, digit),
  timer: (draft, { timer, token }) => timerFired(draft, timer, token),
  'call.held': (draft, { held }) => heldChanged(draft, held),
  say: announcementAsked,
  'hangup.requested': (draft, { cause }) => {
    if (draft.state.phase === 'connecting') draft.state.phase = 'live'
    beginClosing(draft, cause, null)
  },
  'call.gone': (draft, { cause }) => endCall(draft, cause),
}

function currentTurn(draft: Draft, event: { turnId: string; revision: number }): Turn | null {
  const { turn } = draft.state
  return turn !== null && turn.id === event.turnId && turn.revision === event.revision ? turn : null
}

function announcementAsked(draft: Draft, { text, interruptible }: { text: string; interruptible: boolean }): void {
  const { state } = draft
  if (state.closing !== null) return
  if (state.announcements.length >= bounds.announcements) recordFailure(draft, 'playout', 'too many announcements')
  else state.announcements.push({ text, interruptible })
}
