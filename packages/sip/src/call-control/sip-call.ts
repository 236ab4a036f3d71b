import type { Log } from '../embedded/index.js'
import { readBody, readDtmf } from './body.js'
import { type ByeCause, CallFailed, type ReinviteResponder, type SipCall, type SipCallEvents } from './call.js'
import type { SrfDialog, SrfRequest, SrfResponse } from './drachtio.js'
import { createSafeEmitter } from './emitter.js'

/** Time for the owner of a call to answer a new offer, in ms. */
const REINVITE_MS = 10_000
/** Longest that `hangup` waits for the answer to its BYE, in ms. */
const HANGUP_MS = 5000
/** Attempts of `modify` while the peer has an offer of its own under way. */
const GLARE_TRIES = 4

/** A call as its connection sees it. */
export interface OwnedCall extends SipCall {
  /** Ends the call without a word to the peer: the signaling server is gone. */
  lose(): void
}

/**
 * The call of a dialog. Attach it in the very callback that brings the dialog, so that no event is missed. A null
 * `remoteSdp` says that the peer's session description is to come with its ACK.
 */
export function createSipCall(
  dialog: SrfDialog,
  remoteSdp: string | null,
  log: Log,
  onEnd: (call: OwnedCall) => void,
): OwnedCall {
  const events = createSafeEmitter<SipCallEvents>(log)
  let remote = remoteSdp ?? ''
  let ended = false
  let offering = false
  let answerDue = remoteSdp === null
  let queue: Promise<unknown> = Promise.resolve()

  function end(cause: ByeCause | null): void {
    if (ended) return
    ended = true
    onEnd(call)
    if (cause !== null) events.emit('bye', cause)
  }

  function offer(request: SrfRequest, response: SrfResponse): void {
    const body = readBody(request)
    if (offering) {
      response.send(491)
      return
    }
    if (body.kind === 'other') {
      response.send(415, { headers: { Accept: 'application/sdp' } })
      return
    }
    const sdp = body.kind === 'sdp' ? body.sdp : null
    if (request.method === 'UPDATE' && sdp === null) {
      response.send(200)
      return
    }
    if (events.listenerCount('reinvite') === 0) {
      response.send(488)
      return
    }
    let done = false
    const finish = (fn: () => void) => {
      if (done) return
      done = true
      clearTimeout(timer)
      if (!ended) fn()
    }
    const timer = setTimeout(() => finish(() => response.send(500)), REINVITE_MS)
    const respond: ReinviteResponder = {
      accept: (answer) =>
        finish(() => {
          if (sdp === null) answerDue = true
          else remote = sdp
          response.send(200, { body: answer, headers: { 'Content-Type': 'application/sdp' } })
        }),
      reject: (status) => finish(() => response.send(status >= 300 && status <= 699 ? status : 488)),
    }
    events.emit('reinvite', sdp, respond)
  }

  dialog.on('modify', offer)
  dialog.on('update', offer)
  dialog.on('ack', (request) => {
    const body = readBody(request)
    if (!answerDue || body.kind !== 'sdp') return
    answerDue = false
    remote = body.sdp
    events.emit('answer', body.sdp)
  })
  dialog.on('info', (request, response) => {
    const contentType = request.get('content-type') ?? ''
    const body = request.body ?? ''
    response.send(200)
    const key = readDtmf(contentType, body)
    if (key) events.emit('dtmf', key.digit, key.durationMs)
    else if (body !== '') events.emit('info', contentType, body)
  })
  dialog.on('refer', (_request, response) => response.send(603))
  dialog.on('destroy', (_request, reason) => end(byeCause(reason)))

  async function sendOffer(sdp: string): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      if (ended) throw new CallFailed(0, 'the call is over')
      offering = true
      const response = await new Promise<SrfResponse>((resolve, reject) => {
        try {
          dialog.request(
            { method: 'INVITE', body: sdp, headers: { 'Content-Type': 'application/sdp' } },
            (error, answer) => {
              if (error || !answer) reject(new CallFailed(0, error?.message ?? 'no response'))
              else if (answer.status >= 200) resolve(answer)
            },
          )
        } catch (error) {
          reject(new CallFailed(0, error instanceof Error ? error.message : String(error)))
        }
      }).finally(() => {
        offering = false
      })
      if (response.status < 300) {
        const body = readBody(response)
        if (body.kind !== 'sdp') throw new CallFailed(response.status, 'no answer in the response')
        remote = body.sdp
        return body.sdp
      }
      if (response.status !== 491 || attempt >= GLARE_TRIES) throw new CallFailed(response.status, response.reason)
      // RFC 3261 §14.1: a random wait, so that the two sides do not meet again.
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 1900))
    }
  }

  const call: OwnedCall = {
    callId: dialog.sip.callId,
    get remoteSdp() {
      return remote
    },
    get ended() {
      return ended
    },
    on: events.on,
    once: events.once,
    off: events.off,
    hangup(headers = {}) {
      if (ended) return Promise.resolve()
      end(null)
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, HANGUP_MS)
        const done = () => {
          clearTimeout(timer)
          resolve()
        }
        try {
          dialog.destroy({ headers }, done)
        } catch (error) {
          log.warn({ err: error }, 'BYE could not be sent')
          done()
        }
      })
    },
    modify(sdp) {
      const turn = queue.then(() => sendOffer(sdp))
      queue = turn.catch(() => {})
      return turn
    },
    lose: () => end('signaling-lost'),
  }
  return call
}

/** What the server says of a BYE: none of its own words means that the peer sent it. */
function byeCause(reason: string | undefined): ByeCause {
  if (reason === undefined || reason === 'normal release') return 'remote'
  if (/ack timeout/i.test(reason)) return 'ack-timeout'
  if (/session timer/i.test(reason)) return 'session-expired'
  return 'signaling'
}
