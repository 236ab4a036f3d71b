import {
  createEngine,
  type EngineEffect,
  type EngineEvent,
  type EngineSettings,
  type EngineState,
  step,
  type TimerName,
} from '@hotline/conversation'

/** Who carries out what the engine asks for. */
export type EffectHandler = (effect: Exclude<EngineEffect, { type: 'timer.set' | 'timer.cancel' }>) => void

/**
 * Runs the turn engine of one call: events in, effects out, one at a time and in order. Timers live on the media clock
 * and are looked at once a tick, so that a call has no timer of its own.
 */
export class Conversation {
  #state: EngineState
  #queue: { event: EngineEvent; atMs: number }[] = []
  #running = false
  #timers = new Map<TimerName, { token: number; atMs: number }>()
  #nowMs: () => number
  #handle: EffectHandler

  constructor(settings: EngineSettings, nowMs: () => number, handle: EffectHandler) {
    this.#state = createEngine(settings)
    this.#nowMs = nowMs
    this.#handle = handle
  }

  /**
   * Safe to call from within an effect: the event waits for its turn. The answer to a clear goes first, because what was
   * heard must be in history before anything else is decided.
   */
  dispatch(event: EngineEvent): void {
    const entry = { event, atMs: this.#nowMs() }
    if (event.type === 'playout.cleared') this.#queue.unshift(entry)
    else this.#queue.push(entry)
    if (this.#running) return
    this.#running = true
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#step(next.event, next.atMs)
    } finally {
      this.#running = false
    }
  }

  /** Fire what has run out. */
  tick(nowMs: number): void {
    for (const [timer, { token, atMs }] of this.#timers) {
      if (atMs > nowMs) continue
      this.#timers.delete(timer)
      this.dispatch({ type: 'timer', timer, token })
    }
  }

  #step(event: EngineEvent, atMs: number): void {
    const { state, effects } = step(this.#state, event, atMs)
    this.#state = state
    for (const effect of effects) {
      if (effect.type === 'timer.set') this.#timers.set(effect.timer, { token: effect.token, atMs: effect.atMs })
      else if (effect.type === 'timer.cancel') this.#timers.delete(effect.timer)
      else this.#handle(effect)
    }
  }
}
