import { NOTHING, type Step } from './effect.js'
import { due, giveUpMs, type TimerTable, type Timing } from './timing.js'

/** INVITE client transaction: RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2. */
export interface ClientInviteState {
  readonly phase: 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated'
  readonly reliable: boolean
  readonly request: string
  /** Interval of timer A. */
  readonly intervalMs: number
  readonly timers: TimerTable
}

export type ClientInviteEvent =
  | { readonly type: 'response'; readonly status: number }
  /** The user has sent a CANCEL: 64*T1 without a final response ends the transaction (RFC 3261 §9.1). */
  | { readonly type: 'cancelled' }
  | { readonly type: 'tick' }
  | { readonly type: 'unreachable' }

/** Longest stay in Completed over UDP: timer D, at least 32 s. */
const TIMER_D_MS = 32_000

/** Sends the INVITE. */
export function beginClientInvite(
  request: string,
  reliable: boolean,
  nowMs: number,
  timing: Timing,
): Step<ClientInviteState> {
  const B = nowMs + giveUpMs(timing)
  const timers = reliable ? { B } : { A: nowMs + timing.t1Ms, B }
  const state: ClientInviteState = { phase: 'calling', reliable, request, intervalMs: timing.t1Ms, timers }
  return { state, effects: [{ kind: 'send', wire: request }] }
}

/** One event; total. */
export function stepClientInvite(
  state: ClientInviteState,
  event: ClientInviteEvent,
  nowMs: number,
  timing: Timing,
): Step<ClientInviteState> {
  if (state.phase === 'terminated') return { state, effects: NOTHING }
  switch (event.type) {
    case 'response':
      return response(state, event.status, nowMs, timing)
    case 'cancelled': {
      if (state.phase !== 'calling' && state.phase !== 'proceeding') return { state, effects: NOTHING }
      return { state: { ...state, timers: { ...state.timers, B: nowMs + giveUpMs(timing) } }, effects: NOTHING }
    }
    case 'unreachable':
      if (state.phase !== 'calling') return { state, effects: NOTHING }
      return {
        state: { ...state, phase: 'terminated', timers: {} },
        effects: [{ kind: 'unreachable' }, { kind: 'terminated' }],
      }
    case 'tick':
      return tick(state, nowMs)
  }
}

function response(state: ClientInviteState, status: number, nowMs: number, timing: Timing): Step<ClientInviteState> {
  if (state.phase === 'completed') {
    return { state, effects: status >= 300 ? [{ kind: 'acknowledge' }] : NOTHING }
  }
  if (state.phase === 'accepted') {
    return { state, effects: status >= 200 && status < 300 ? [{ kind: 'deliver' }] : NOTHING }
  }
  if (status < 200) {
    // A provisional response after a CANCEL must not stop the clock that the CANCEL started.
    const { A: _stopped, B, ...others } = state.timers
    const timers = state.phase === 'proceeding' && B !== undefined ? { ...others, B } : others
    return { state: { ...state, phase: 'proceeding', timers }, effects: [{ kind: 'deliver' }] }
  }
  if (status < 300) {
    const timers = { M: nowMs + giveUpMs(timing) }
    return { state: { ...state, phase: 'accepted', timers }, effects: [{ kind: 'deliver' }] }
  }
  if (state.reliable) {
    return {
      state: { ...state, phase: 'terminated', timers: {} },
      effects: [{ kind: 'acknowledge' }, { kind: 'deliver' }, { kind: 'terminated' }],
    }
  }
  return {
    state: {
      ...state,
      phase: 'completed',
      timers: { D: nowMs + Math.max(TIMER_D_MS * (timing.t1Ms / 500), timing.t1Ms) },
    },
    effects: [{ kind: 'acknowledge' }, { kind: 'deliver' }],
  }
}

function tick(state: ClientInviteState, nowMs: number): Step<ClientInviteState> {
  if (due(state.timers, 'D', nowMs) || due(state.timers, 'M', nowMs)) {
    return { state: { ...state, phase: 'terminated', timers: {} }, effects: [{ kind: 'terminated' }] }
  }
  if (due(state.timers, 'B', nowMs)) {
    return {
      state: { ...state, phase: 'terminated', timers: {} },
      effects: [{ kind: 'timeout' }, { kind: 'terminated' }],
    }
  }
  if (due(state.timers, 'A', nowMs)) {
    const intervalMs = state.intervalMs * 2
    const timers = { ...state.timers, A: nowMs + intervalMs }
    return { state: { ...state, intervalMs, timers }, effects: [{ kind: 'send', wire: state.request }] }
  }
  return { state, effects: NOTHING }
}
