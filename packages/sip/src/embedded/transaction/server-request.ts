import { NOTHING, type Step } from './effect.js'
import { due, giveUpMs, type TimerTable, type Timing } from './timing.js'

/** Non-INVITE server transaction, RFC 3261 §17.2.2. */
export interface ServerRequestState {
  readonly phase: 'trying' | 'proceeding' | 'completed' | 'terminated'
  readonly reliable: boolean
  readonly lastResponse: string | null
  readonly timers: TimerTable
}

export type ServerRequestEvent =
  | { readonly type: 'request' }
  | { readonly type: 'respond'; readonly status: number; readonly wire: string }
  | { readonly type: 'tick' }
  | { readonly type: 'unreachable' }

/**
 * A transaction that has just received its request. It waits 64*T1 for an answer of its user: the client has given up
 * by then, and a 408 would only harm it (RFC 4320 §4.2).
 */
export function beginServerRequest(reliable: boolean, nowMs: number, timing: Timing): ServerRequestState {
  return { phase: 'trying', reliable, lastResponse: null, timers: { patience: nowMs + giveUpMs(timing) } }
}

/** One event; total. */
export function stepServerRequest(
  state: ServerRequestState,
  event: ServerRequestEvent,
  nowMs: number,
  timing: Timing,
): Step<ServerRequestState> {
  if (state.phase === 'terminated') return { state, effects: NOTHING }
  switch (event.type) {
    case 'request':
      if (state.lastResponse === null) return { state, effects: NOTHING }
      return { state, effects: [{ kind: 'send', wire: state.lastResponse }] }
    case 'respond': {
      if (state.phase === 'completed') return { state, effects: NOTHING }
      const send = { kind: 'send' as const, wire: event.wire }
      if (event.status < 200) {
        return { state: { ...state, phase: 'proceeding', lastResponse: event.wire }, effects: [send] }
      }
      if (state.reliable) {
        return {
          state: { ...state, phase: 'terminated', lastResponse: event.wire, timers: {} },
          effects: [send, { kind: 'terminated' }],
        }
      }
      const timers = { J: nowMs + giveUpMs(timing) }
      return { state: { ...state, phase: 'completed', lastResponse: event.wire, timers }, effects: [send] }
    }
    case 'unreachable':
      return {
        state: { ...state, phase: 'terminated', timers: {} },
        effects: [{ kind: 'unreachable' }, { kind: 'terminated' }],
      }
    case 'tick':
      if (due(state.timers, 'J', nowMs)) {
        return { state: { ...state, phase: 'terminated', timers: {} }, effects: [{ kind: 'terminated' }] }
      }
      if (due(state.timers, 'patience', nowMs)) {
        return {
          state: { ...state, phase: 'terminated', timers: {} },
          effects: [{ kind: 'timeout' }, { kind: 'terminated' }],
        }
      }
      return { state, effects: NOTHING }
  }
}
