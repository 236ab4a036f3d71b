import type { EngineEffect } from './effect.js'
import type { ConversationRecord } from './record.js'
import type { EngineState, Response } from './state.js'

/** One step's working copy: the regions write to it, nobody else has seen it yet. */
export interface Draft {
  state: EngineState
  effects: EngineEffect[]
  nowMs: number
}

/** Copies everything that a step may write to. Settings and history items are shared: nobody writes to them. */
export function openDraft(from: EngineState, nowMs: number): Draft {
  const state: EngineState = {
    ...from,
    nowMs,
    caller: { ...from.caller },
    turn: from.turn && { ...from.turn },
    answer: from.answer && { ...from.answer, marks: { ...from.answer.marks } },
    queue: from.queue.map(copyResponse),
    clearing: from.clearing && { ...from.clearing },
    overlap: from.overlap && { ...from.overlap },
    sink: { ...from.sink },
    digits: from.digits && { ...from.digits },
    closing: from.closing && { ...from.closing },
    announcements: [...from.announcements],
    silence: { ...from.silence },
    failures: { ...from.failures },
    timers: { ...from.timers },
    counters: { ...from.counters },
  }
  return { state, effects: [], nowMs }
}

function copyResponse(response: Response): Response {
  return {
    ...response,
    clauses: [...response.clauses],
    segments: response.segments.map((segment) => ({ ...segment })),
    lostText: [...response.lostText],
  }
}

export function emit(draft: Draft, effect: EngineEffect): void {
  draft.effects.push(effect)
}

export function record(draft: Draft, entry: ConversationRecord): void {
  draft.effects.push({ type: 'record', record: entry })
}

export function recordFailure(
  draft: Draft,
  component: 'asr' | 'eot' | 'llm' | 'tts' | 'playout',
  message: string,
): void {
  record(draft, { type: 'failure', atMs: draft.nowMs, component, message })
}

/** The next name of its kind: `turn-1`, `resp-1`, `seg-1`. */
export function nextId(draft: Draft, kind: 'turn' | 'response' | 'segment'): string {
  const prefix = { turn: 'turn', response: 'resp', segment: 'seg' }[kind]
  draft.state.counters[kind]++
  return `${prefix}-${draft.state.counters[kind]}`
}

/** What VAD still reports is dealt with up to `sinceMs`; the rest of this stretch of speech counts as noise. */
export function ignoreSpeech(draft: Draft, sinceMs = draft.nowMs): void {
  const { caller } = draft.state
  if (caller.speaking) caller.noiseSinceMs ??= sinceMs
}

/** A time from an event: not a number, or in the future, counts as now. */
export function pastMs(draft: Draft, ms: number): number {
  return Number.isFinite(ms) && ms <= draft.nowMs ? ms : draft.nowMs
}
