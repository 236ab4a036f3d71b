import { NOTHING, type Step } from './effect.js'
import { due, giveUpMs, type TimerTable, type Timing } from './timing.js'

/** INVITE server transaction: RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1. */
export interface ServerInviteState {
  readonly phase: 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated'
  /** True over TCP: no retransmissions, timer I is zero. */
  readonly reliable: boolean
  readonly lastResponse: string | null
  /** Interval of timer G. */
  readonly intervalMs: number
  readonly timers: TimerTable
}

export type ServerInviteEvent =
  /** The INVITE again. */
  | { readonly type: 'request' }
  | { readonly type: 'respond'; readonly status: number; readonly wire: string }
  | { readonly type: 'ack' }
  | { readonly type: 'tick' }
  | { readonly type: 'unreachable' }

/** A transaction that has just received its INVITE. */
export function beginServerInvite(reliable: boolean): ServerInviteState {
  return { phase: 'proceeding', reliable, lastResponse: null, intervalMs: 0, timers: {} }
}

/** One event; total: an event that means nothing in a state changes nothing. */
export function stepServerInvite(
  state: ServerInviteState,
  event: ServerInviteEvent,
  nowMs: number,
  timing: Timing,
): Step<ServerInviteState> {
  if (state.phase === 'terminated') return { state, effects: NOTHING }
  switch (event.type) {
    case 'request':
      // RFC 6026 §7.1: in Accepted the 2xx is the transaction user's to repeat.
      if ((state.phase === 'proceeding' || state.phase === 'completed') && state.lastResponse !== null) {
        return { state, effects: [{ kind: 'send', wire: state.lastResponse }] }
      }
      return { state, effects: NOTHING }
    case 'respond':
      return respond(state, event.status, event.wire, nowMs, timing)
    case 'ack':
      if (state.phase !== 'completed') return { state, effects: NOTHING }
      if (state.reliable) return ended(state)
      return { state: { ...state, phase: 'confirmed', timers: { I: nowMs + timing.t4Ms } }, effects: NOTHING }
    case 'unreachable':
      return {
        state: { ...state, phase: 'terminated', timers: {} },
        effects: [{ kind: 'unreachable' }, { kind: 'terminated' }],
      }
    case 'tick':
      return tick(state, nowMs, timing)
  }
}

function respond(
  state: ServerInviteState,
  status: number,
  wire: string,
  nowMs: number,
  timing: Timing,
): Step<ServerInviteState> {
  const send = [{ kind: 'send' as const, wire }]
  if (state.phase === 'accepted') return { state, effects: status >= 200 && status < 300 ? send : NOTHING }
  if (state.phase !== 'proceeding') return { state, effects: NOTHING }
  if (status < 200) return { state: { ...state, lastResponse: wire }, effects: send }
  if (status < 300) {
    const timers = { L: nowMs + giveUpMs(timing) }
    return { state: { ...state, phase: 'accepted', lastResponse: wire, timers }, effects: send }
  }
  const timers = state.reliable
    ? { H: nowMs + giveUpMs(timing) }
    : { G: nowMs + timing.t1Ms, H: nowMs + giveUpMs(timing) }
  return { state: { ...state, phase: 'completed', lastResponse: wire, intervalMs: timing.t1Ms, timers }, effects: send }
}

function tick(state: ServerInviteState, nowMs: number, timing: Timing): Step<ServerInviteState> {
  if (due(state.timers, 'I', nowMs) || due(state.timers, 'L', nowMs)) return ended(state)
  if (due(state.timers, 'H', nowMs)) {
    return {
      state: { ...state, phase: 'terminated', timers: {} },
      effects: [{ kind: 'timeout' }, { kind: 'terminated' }],
    }
  }
  if (due(state.timers, 'G', nowMs) && state.lastResponse !== null) {
    const intervalMs = Math.min(state.intervalMs * 2, timing.t2Ms)
    const timers = { ...state.timers, G: nowMs + intervalMs }
    return { state: { ...state, intervalMs, timers }, effects: [{ kind: 'send', wire: state.lastResponse }] }
  }
  return { state, effects: NOTHING }
}

function ended(state: ServerInviteState): Step<ServerInviteState> {
  return { state: { ...state, phase: 'terminated', timers: {} }, effects: [{ kind: 'terminated' }] }
}
