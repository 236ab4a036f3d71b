import { NOTHING, type Step } from './effect.js'
import { due, giveUpMs, type TimerTable, type Timing } from './timing.js'

/**
 * A response that its sender repeats until it is acknowledged: the 2xx to an INVITE until the ACK (RFC 3261 §13.3.1.4),
 * over every transport; a reliable provisional response until the PRACK (RFC 3262 §3).
 */
export interface ReliableResponseState {
  readonly phase: 'waiting' | 'terminated'
  readonly wire: string
  readonly intervalMs: number
  /** Longest interval: T2 for a 2xx, none for a provisional response. */
  readonly limitMs: number
  readonly timers: TimerTable
}

export type ReliableResponseEvent = { readonly type: 'acknowledged' } | { readonly type: 'tick' }

/** A response that has just been sent for the first time. */
export function beginReliableResponse(
  wire: string,
  provisional: boolean,
  nowMs: number,
  timing: Timing,
): ReliableResponseState {
  const timers = { repeat: nowMs + timing.t1Ms, giveUp: nowMs + giveUpMs(timing) }
  const limitMs = provisional ? Number.POSITIVE_INFINITY : timing.t2Ms
  return { phase: 'waiting', wire, intervalMs: timing.t1Ms, limitMs, timers }
}

/** One event; total. */
export function stepReliableResponse(
  state: ReliableResponseState,
  event: ReliableResponseEvent,
  nowMs: number,
): Step<ReliableResponseState> {
  if (state.phase === 'terminated') return { state, effects: NOTHING }
  if (event.type === 'acknowledged') {
    return { state: { ...state, phase: 'terminated', timers: {} }, effects: [{ kind: 'terminated' }] }
  }
  if (due(state.timers, 'giveUp', nowMs)) {
    return {
      state: { ...state, phase: 'terminated', timers: {} },
      effects: [{ kind: 'timeout' }, { kind: 'terminated' }],
    }
  }
  if (due(state.timers, 'repeat', nowMs)) {
    const intervalMs = Math.min(state.intervalMs * 2, state.limitMs)
    const timers = { ...state.timers, repeat: nowMs + intervalMs }
    return { state: { ...state, intervalMs, timers }, effects: [{ kind: 'send', wire: state.wire }] }
  }
  return { state, effects: NOTHING }
}
