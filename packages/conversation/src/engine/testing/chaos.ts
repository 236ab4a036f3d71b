import type { EngineEffect } from '../effect.js'
import { createEngine, step } from '../engine.js'
import type { EngineEvent, TimerName } from '../event.js'
import type { EngineSettings } from '../settings.js'
import type { EngineState } from '../state.js'

/** One random command: what happens, after how long, and a number that picks ids and texts. */
export interface Command {
  kind: string
  waitMs: number
  pick: number
}

export const kinds = [
  'speech_started',
  'speech_started',
  'speech_started',
  'speech_stopped',
  'speech_stopped',
  'speech_stopped',
  'partial',
  'partial',
  'final',
  'final',
  'final',
  'eot',
  'asr_failed',
  'eot',
  'eot_failed',
  'delta',
  'delta',
  'delta',
  'llm_finished',
  'llm_failed',
  'tts_started',
  'tts_finished',
  'tts_failed',
  'playout_started',
  'playout_started',
  'playout_finished',
  'playout_finished',
  'cleared',
  'dtmf',
  'held',
  'say',
  'hangup',
  'answered',
  'stale',
  'nonsense',
  'timer',
  'timer',
  'timer',
] as const

const texts = ['', 'yeah', 'stop', 'I want to', 'I want to book a table', 'no', 'mhm', 'hello there my friend', '...']
const deltas = [
  'Sure',
  ', I can',
  ' help you.',
  ' **Well**',
  ' Dr.',
  ' Smith',
  '\n- one',
  ' 😀',
  '',
  ' 3.',
  '50 euros!',
]

/** Runs random commands against an engine; `watch` sees every step. Timers that are due fire first, in order. */
export function runChaos(
  settings: EngineSettings,
  commands: Command[],
  watch: (before: EngineState, event: EngineEvent, after: EngineState, effects: EngineEffect[]) => void,
): { state: EngineState; nowMs: number; send: (event: EngineEvent) => void; fireNext: () => boolean } {
  let state = freeze(createEngine(settings))
  let nowMs = 0
  const send = (event: EngineEvent): void => {
    const before = state
    const result = step(state, event, nowMs)
    state = freeze(result.state)
    watch(before, event, state, result.effects)
    for (const effect of result.effects)
      if (effect.type === 'playout.clear' && nowMs % 7 !== 0)
        send({ type: 'playout.cleared', segments: playedOf(state, nowMs) })
  }
  const next = (): { timer: TimerName; token: number; atMs: number } | undefined =>
    (Object.entries(state.timers) as [TimerName, { token: number; atMs: number }][])
      .map(([timer, value]) => ({ timer, ...value }))
      .sort((a, b) => a.atMs - b.atMs)[0]
  const fireNext = (): boolean => {
    const timer = next()
    if (timer === undefined) return false
    nowMs = Math.max(nowMs, timer.atMs)
    send({ type: 'timer', timer: timer.timer, token: timer.token })
    return true
  }
  send({ type: 'call.answered', direction: (commands[0]?.pick ?? 0) % 5 === 0 ? 'outbound' : 'inbound' })
  for (const command of commands) {
    const untilMs = nowMs + command.waitMs
    for (let fired = 0; (next()?.atMs ?? Number.POSITIVE_INFINITY) <= untilMs && fired < 1000; fired++) fireNext()
    nowMs = untilMs
    if (command.kind === 'timer') fireNext()
    else send(eventFor(command, state, nowMs))
  }
  return {
    get state() {
      return state
    },
    get nowMs() {
      return nowMs
    },
    send,
    fireNext,
  }
}

function playedOf(state: EngineState, nowMs: number) {
  return state.queue.flatMap((response) =>
    response.segments
      .filter(({ playout }) => playout !== 'played')
      .map((segment) => ({
        responseId: response.id,
        segmentId: segment.id,
        playedMs: segment.playout === 'playing' ? Math.floor(Math.min(2000, nowMs - segment.startMs)) : 0,
        totalMs: 2000,
        complete: segment.tts === 'finished',
      })),
  )
}

function eventFor({ kind, pick }: Command, state: EngineState, nowMs: number): EngineEvent {
  const turnId = state.turn?.id ?? state.answer?.turnId ?? 'turn-1'
  const revision = state.turn?.revision ?? state.answer?.revision ?? 0
  const text = texts[pick % texts.length] ?? ''
  const response = state.queue[pick % 3 === 0 ? Math.floor(pick / 3) % Math.max(1, state.queue.length) : 0]
  const responseId = response?.id ?? `resp-${pick % 10}`
  const unplayed = response?.segments.find(({ playout }) => playout !== 'played')
  const segmentId = (pick % 7 === 0 ? response?.segments.at(-1) : unplayed)?.id ?? `seg-${pick % 10}`
  const usage = { promptTokens: 1, completionTokens: 1, cachedTokens: 0 }
  switch (kind) {
    case 'speech_started':
      return { type: 'caller.speech_started', startMs: nowMs - (pick % 300) }
    case 'speech_stopped':
      return { type: 'caller.speech_stopped', lastVoicedMs: nowMs - (pick % 700) }
    case 'partial':
      return { type: 'asr.partial', text }
    case 'final':
      return { type: 'asr.final', turnId, revision, text }
    case 'asr_failed':
      return { type: 'asr.failed', turnId, revision, message: 'x' }
    case 'eot':
      return { type: 'eot.predicted', turnId, revision, probability: (pick % 10) / 10 }
    case 'eot_failed':
      return { type: 'eot.failed', turnId, revision, message: 'x' }
    case 'delta':
      return { type: 'llm.delta', responseId, text: deltas[pick % deltas.length] ?? '' }
    case 'llm_finished':
      return { type: 'llm.finished', responseId, finishReason: 'stop', usage }
    case 'llm_failed':
      return { type: 'llm.failed', responseId, message: 'x', retryable: pick % 2 === 0 }
    case 'tts_started':
      return { type: 'tts.started', responseId, segmentId }
    case 'tts_finished':
      return { type: 'tts.finished', responseId, segmentId, durationMs: pick % 3000 }
    case 'tts_failed':
      return { type: 'tts.failed', responseId, segmentId, message: 'x' }
    case 'playout_started':
      return { type: 'playout.started', responseId, segmentId, atMs: nowMs }
    case 'playout_finished':
      return { type: 'playout.finished', responseId, segmentId, atMs: nowMs }
    case 'cleared':
      return { type: 'playout.cleared', segments: playedOf(state, nowMs) }
    case 'dtmf':
      return { type: 'dtmf', digit: '0123456789*#'[pick % 12] ?? '0' }
    case 'held':
      return { type: 'call.held', held: pick % 3 === 0 }
    case 'say':
      return { type: 'say', text: 'An announcement, by the way.', interruptible: pick % 2 === 0 }
    case 'hangup':
      return pick % 5 === 0
        ? { type: 'hangup.requested', cause: 'agent_hangup' }
        : { type: 'call.answered', direction: 'inbound' }
    case 'stale':
      return { type: 'timer', timer: 'idle', token: -1 }
    case 'nonsense':
      return { type: 'caller.speech_stopped', lastVoicedMs: pick % 2 === 0 ? Number.NaN : -1e9 }
    default:
      return { type: 'call.answered', direction: 'outbound' }
  }
}

/** Freezes a state in depth, so that a step that writes to what it was given throws. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const each of Object.values(value)) freeze(each)
  }
  return value
}
