import { EventEmitter } from 'node:events'
import type { Log } from '../embedded/index.js'

/** An emitter whose events and arguments are typed by `Events`, and whose listeners cannot end the process. */
export interface SafeEmitter<Events extends Record<keyof Events, unknown[]>> {
  on<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => void): void
  once<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => void): void
  off<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => void): void
  listenerCount(event: keyof Events & string): number
  emit<Name extends keyof Events & string>(event: Name, ...args: Events[Name]): void
}

/** Creates an emitter; what a listener throws is logged, and the listeners after it still run. */
export function createSafeEmitter<Events extends Record<keyof Events, unknown[]>>(log: Log): SafeEmitter<Events> {
  const emitter = new EventEmitter()
  return {
    on: (event, listener) => void emitter.on(event, listener as (...args: unknown[]) => void),
    once: (event, listener) => void emitter.once(event, listener as (...args: unknown[]) => void),
    off: (event, listener) => void emitter.off(event, listener as (...args: unknown[]) => void),
    listenerCount: (event) => emitter.listenerCount(event),
    emit(event, ...args) {
      for (const listener of emitter.rawListeners(event)) {
        try {
          const outcome: unknown = Reflect.apply(listener, emitter, args)
          if (outcome instanceof Promise) outcome.catch((error: unknown) => report(event, error))
        } catch (error) {
          report(event, error)
        }
      }
    },
  }

  function report(event: string, error: unknown): void {
    log.error({ err: error, event }, 'a listener failed')
  }
}
