import type { Log } from '../embedded/index.js'
import { CallFailed, type PlaceCallOptions, type SipCall } from './call.js'
import type { SrfConnection, SrfRequest } from './drachtio.js'
import { createSipCall, type OwnedCall } from './sip-call.js'

/** What an outgoing call needs of its connection. */
export interface OutgoingContext {
  readonly srf: SrfConnection
  readonly log: Log
  onAnswered(call: OwnedCall): void
  onCallEnd(call: OwnedCall): void
  /** Registers how to give up while it rings; the function it returns takes that back. */
  onRinging(abort: (reason: string) => void): () => void
}

/** Places a call, with digest credentials where the peer asks for them. */
export function placeCall(context: OutgoingContext, options: PlaceCallOptions): Promise<SipCall> {
  const { srf, log } = context
  const { uri, from, localSdp, auth, signal } = options
  if (signal.aborted) return Promise.reject(new CallFailed(487, 'cancelled'))
  return new Promise((resolve, reject) => {
    let sent: SrfRequest | undefined
    let settled = false
    const settle = (fn: () => void) => {
      if (settled) return
      settled = true
      quiet()
      signal.removeEventListener('abort', cancel)
      fn()
    }
    const quiet = context.onRinging((reason) => settle(() => reject(new CallFailed(503, reason))))
    const fail = (error: { status?: number; reason?: string; message: string }) =>
      settle(() => reject(new CallFailed(error.status ?? 0, error.reason ?? error.message)))
    function cancel(): void {
      try {
        sent?.cancel()
      } catch (error) {
        log.warn({ err: error }, 'CANCEL could not be sent')
      }
    }
    signal.addEventListener('abort', cancel)
    const headers = { From: from, 'Content-Type': 'application/sdp', ...options.headers }
    try {
      srf.createUAC(
        uri,
        { localSdp, headers, ...(auth && { auth }) },
        {
          cbRequest(error, request) {
            if (error || !request) return
            sent = request
            if (signal.aborted) cancel()
          },
          cbProvisional() {},
        },
        (error, dialog) => {
          if (error || !dialog) {
            fail(error ?? { message: 'no dialog' })
            return
          }
          const call = createSipCall(dialog, dialog.remote.sdp ?? '', log, context.onCallEnd)
          if (settled || signal.aborted) {
            // The answer crossed the CANCEL.
            void call.hangup()
            fail({ status: 487, reason: 'cancelled', message: 'cancelled' })
            return
          }
          context.onAnswered(call)
          settle(() => resolve(call))
        },
      )
    } catch (error) {
      fail(error instanceof Error ? error : { message: String(error) })
    }
  })
}
