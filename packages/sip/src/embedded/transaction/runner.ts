import type { Clock } from './clock.js'
import type { Step, TransactionEffect } from './effect.js'
import { earliest, type TimerTable } from './timing.js'

/** A pure machine that runs on a clock. */
export interface Runner<State, Event> {
  readonly state: State
  /** Carries out the effects of the beginning and arms the timer: call once, when the owner knows the runner. */
  start(): void
  /** Feeds one event. */
  feed(event: Event): void
  /** Stops its timer and ignores what comes. */
  stop(): void
}

/**
 * Runs a transaction: carries out its effects through `perform`, and ticks it when its earliest timer is due. Effects
 * that feed the machine again (a failed send, an answer given at once) are queued behind those under way.
 */
export function runMachine<State extends { readonly timers: TimerTable }, Event>(
  clock: Clock,
  begin: Step<State>,
  step: (state: State, event: Event | { readonly type: 'tick' }, nowMs: number) => Step<State>,
  perform: (effect: TransactionEffect) => void,
): Runner<State, Event> {
  let state = begin.state
  let cancelTimer: (() => void) | undefined
  let armedAtMs: number | undefined
  let stopped = false
  let busy = false
  const queue: TransactionEffect[] = []

  function arm(): void {
    const at = stopped ? undefined : earliest(state.timers)
    if (at === armedAtMs) return
    cancelTimer?.()
    armedAtMs = at
    cancelTimer = at === undefined ? undefined : clock.after(at - clock.nowMs(), onTimer)
  }

  function onTimer(): void {
    armedAtMs = undefined
    cancelTimer = undefined
    advance({ type: 'tick' })
  }

  function settle(next: Step<State>): void {
    state = next.state
    queue.push(...next.effects)
    arm()
    if (busy) return
    busy = true
    try {
      for (let effect = queue.shift(); effect !== undefined; effect = queue.shift()) perform(effect)
    } finally {
      busy = false
    }
  }

  function advance(event: Event | { readonly type: 'tick' }): void {
    if (!stopped) settle(step(state, event, clock.nowMs()))
  }

  return {
    get state() {
      return state
    },
    start() {
      if (!stopped) settle({ state, effects: begin.effects })
    },
    feed: advance,
    stop() {
      stopped = true
      queue.length = 0
      arm()
    },
  }
}
