import { EventEmitter, once } from 'node:events'

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
    async wait(callId, timeoutMs, signal) {
      const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      await once(emitter, `call ${callId}`, { signal: either }).catch(() => {})
    },
  }
}
