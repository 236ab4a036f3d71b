import { EventEmitter } from 'node:events'

/** Tells watchers in this process that a call has new events in the store. */
export interface CallFeed {
  announce(callIds: Iterable<string>): void
  /** Resolves at the next announcement for the call, after `timeoutMs`, or when `signal` aborts. Never rejects. */
  wait(callId: string, timeoutMs: number, signal: AbortSignal): Promise<void>
}

export function createCallFeed(): CallFeed {
  const emitter = new EventEmitter()
  emitter.setMaxListeners(0)
  return {
    announce(callIds) {
      for (const id of callIds) emitter.emit(`call ${id}`)
    },
    wait(callId, timeoutMs, signal) {
      return new Promise((resolve) => {
        const name = `call ${callId}`
        const finish = (): void => {
          clearTimeout(timer)
          emitter.off(name, finish)
          signal.removeEventListener('abort', finish)
          resolve()
        }
        const timer = setTimeout(finish, timeoutMs)
        emitter.once(name, finish)
        signal.addEventListener('abort', finish)
        if (signal.aborted) finish()
      })
    },
  }
}
