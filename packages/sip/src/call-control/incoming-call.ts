import type { Log } from '../embedded/index.js'
import { decodeUser, parseUri } from '../embedded/message/uri.js'
import { readBody } from './body.js'
import { CallFailed, type IncomingCall, type SipCall } from './call.js'
import type { SrfConnection, SrfRequest, SrfResponse } from './drachtio.js'
import { createSipCall, type OwnedCall } from './sip-call.js'

/** What an incoming call needs of its connection. */
export interface IncomingContext {
  readonly srf: SrfConnection
  readonly log: Log
  onAnswered(call: OwnedCall): void
  onCallEnd(call: OwnedCall): void
}

/** The call of an INVITE, and a way to end it when its connection goes. Null when it was refused at once. */
export function createIncomingCall(
  context: IncomingContext,
  request: SrfRequest,
  response: SrfResponse,
): { call: IncomingCall; abort(reason: string): void; settled: Promise<void> } | null {
  const { srf, log } = context
  const body = readBody(request)
  if (body.kind === 'other') {
    response.send(415, { headers: { Accept: 'application/sdp' } })
    return null
  }
  const offerSdp = body.kind === 'sdp' ? body.sdp : null
  const controller = new AbortController()
  let state: 'open' | 'answering' | 'done' = 'open'
  let settle = () => {}
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })

  function abort(reason: string): void {
    if (state === 'done') return
    state = 'done'
    controller.abort(new CallFailed(487, reason))
    settle()
  }
  request.on('cancel', () => abort('cancelled by the caller'))

  function answer(sdp: string): Promise<SipCall> {
    if (controller.signal.aborted) return Promise.reject(new CallFailed(487, 'the call was cancelled'))
    if (state !== 'open') return Promise.reject(new CallFailed(0, 'the call has been answered already'))
    state = 'answering'
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        state = 'done'
        settle()
        reject(error)
      }
      controller.signal.addEventListener('abort', () => fail(new CallFailed(487, 'the call was cancelled')))
      srf.createUAS(request, response, { localSdp: sdp }, (error, dialog) => {
        if (error || !dialog) {
          fail(new CallFailed(0, error?.message ?? 'no dialog'))
          return
        }
        const call = createSipCall(dialog, offerSdp, log, context.onCallEnd)
        context.onAnswered(call)
        call.once('bye', (cause) => fail(new CallFailed(0, `the call ended before the ACK: ${cause}`)))
        dialog.on('ack', (ack) => {
          if (state !== 'answering' || call.ended) return
          if (offerSdp === null && readBody(ack).kind !== 'sdp') {
            fail(new CallFailed(488, 'no answer in the ACK'))
            void call.hangup({ Reason: 'SIP;cause=488;text="no answer in the ACK"' })
            return
          }
          state = 'done'
          settle()
          resolve(call)
        })
      })
    })
  }

  const uri = parseUri(request.uri)
  const call: IncomingCall = {
    callId: request.get('call-id') ?? '',
    from: request.get('from') ?? '',
    to: request.get('to') ?? '',
    user: uri ? decodeUser(uri.user) : '',
    headers: { ...request.headers },
    offerSdp,
    signal: controller.signal,
    ringing() {
      if (state === 'open') response.send(180)
    },
    reject(status, reason, headers = {}) {
      if (state !== 'open') return
      if (!(status >= 300 && status <= 699)) throw new RangeError(`${status} does not refuse a call`)
      state = 'done'
      settle()
      if (reason === undefined) response.send(status, { headers })
      else response.send(status, reason, { headers })
    },
    answer,
  }
  return { call, abort, settled }
}
