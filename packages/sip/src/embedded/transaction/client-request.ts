import { NOTHING, type Step } from './effect.js'
import { due, giveUpMs, type TimerTable, type Timing } from './timing.js'

/** Non-INVITE client transaction, RFC 3261 §17.1.2. */
export interface ClientRequestState {
  readonly phase: 'trying' | 'proceeding' | 'completed' | 'terminated'
  readonly reliable: boolean
  readonly request: string
  /** Interval of timer E. */
  readonly intervalMs: number
  readonly timers: TimerTable
}

export type ClientRequestEvent =
  | { readonly type: 'response'; readonly status: number }
  | { readonly type: 'tick' }
  | { readonly type: 'unreachable' }

/** Sends the request. */
export function beginClientRequest(
  request: string,
  reliable: boolean,
  nowMs: number,
  timing: Timing,
): Step<ClientRequestState> {
  const F = nowMs + giveUpMs(timing)
  const timers = reliable ? { F } : { E: nowMs + timing.t1Ms, F }
  const state: ClientRequestState = { phase: 'trying', reliable, request, intervalMs: timing.t1Ms, timers }
  return { state, effects: [{ kind: 'send', wire: request }] }
}

/** One event; total. */
export function stepClientRequest(
  state: ClientRequestState,
  event: ClientRequestEvent,
  nowMs: number,
  timing: Timing,
): Step<ClientRequestState> {
  if (state.phase === 'terminated') return { state, effects: NOTHING }
  switch (event.type) {
    case 'response': {
      if (state.phase === 'completed') return { state, effects: NOTHING }
      if (event.status < 200) {
        return { state: { ...state, phase: 'proceeding' }, effects: [{ kind: 'deliver' }] }
      }
      if (state.reliable) {
        return {
          state: { ...state, phase: 'terminated', timers: {} },
          effects: [{ kind: 'deliver' }, { kind: 'terminated' }],
        }
      }
      return {
        state: { ...state, phase: 'completed', timers: { K: nowMs + timing.t4Ms } },
        effects: [{ kind: 'deliver' }],
      }
    }
    case 'unreachable':
      if (state.phase === 'completed') return { state, effects: NOTHING }
      return {
        state: { ...state, phase: 'terminated', timers: {} },
        effects: [{ kind: 'unreachable' }, { kind: 'terminated' }],
      }
    case 'tick': {
      if (due(state.timers, 'K', nowMs)) {
        return { state: { ...state, phase: 'terminated', timers: {} }, effects: [{ kind: 'terminated' }] }
      }
      if (due(state.timers, 'F', nowMs)) {
        return {
          state: { ...state, phase: 'terminated', timers: {} },
          effects: [{ kind: 'timeout' }, { kind: 'terminated' }],
        }
      }
      if (due(state.timers, 'E', nowMs)) {
        // In Proceeding the interval is T2 at once (§17.1.2.2).
        const intervalMs = state.phase === 'proceeding' ? timing.t2Ms : Math.min(state.intervalMs * 2, timing.t2Ms)
        const timers = { ...state.timers, E: nowMs + intervalMs }
        return { state: { ...state, intervalMs, timers }, effects: [{ kind: 'send', wire: state.request }] }
      }
      return { state, effects: NOTHING }
    }
  }
}
