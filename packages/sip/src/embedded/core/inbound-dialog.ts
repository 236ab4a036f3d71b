import { sipNotice } from '../application/notice.js'
import type { Dialog } from '../dialog/dialog.js'
import { header } from '../message/header.js'
import { get, type SipRequest } from '../message/message.js'
import { serialize } from '../message/serialize.js'
import type { Core } from './core.js'
import { cancelByServer, refuseWith, retryAfter } from './refuse.js'
import { type Arrival, replyTo } from './reply.js'
import type { ServerTransaction } from './server-transactions.js'
import { noteSessionRequest } from './session-timer.js'

/** What a call may receive; drachtio-srf's dialogs know no other methods. */
const IN_DIALOG = new Set('INVITE BYE INFO UPDATE PRACK OPTIONS REFER NOTIFY SUBSCRIBE MESSAGE PUBLISH'.split(' '))

/** A request with a To tag, RFC 3261 §12.2.2. False when it belongs to no dialog of this server. */
export function receiveInDialog(core: Core, arrival: Arrival<SipRequest>): boolean {
  const { message, envelope, source } = arrival
  const dialog = core.dialogs.byTags(envelope.callId, envelope.toTag, envelope.fromTag)
  if (!dialog) return false
  if (message.method === 'ACK') {
    receiveAck(core, dialog, arrival)
    return true
  }
  const transaction = core.servers.open(arrival)
  if (!IN_DIALOG.has(message.method)) {
    refuseWith(transaction, message.method === 'REGISTER' ? 405 : 501, [header('allow', [...IN_DIALOG].join(', '))])
    return true
  }
  core.servers.attach(transaction, dialog)
  transaction.application = dialog.application
  if (dialog.remoteSeq !== undefined && envelope.cseq < dialog.remoteSeq) {
    refuseWith(transaction, 500)
    return true
  }
  dialog.remoteSeq = envelope.cseq
  dialog.flow = source
  switch (message.method) {
    case 'BYE':
      receiveBye(core, dialog, transaction, arrival)
      return true
    case 'PRACK':
      if (!receivePrack(core, transaction)) return true
      break
    case 'INVITE': {
      transaction.respond(replyTo(message, 100, ''))
      // §14.2: one INVITE at a time.
      for (const other of core.servers.of(dialog)) {
        if (other !== transaction && other.request.method === 'INVITE' && other.finalStatus === 0) {
          refuseWith(transaction, 500, [header('retry-after', 1)])
          return true
        }
      }
      const stop = core.clock.after(core.limits.ringMs, () => refuseWith(transaction, 408))
      transaction.onEnd.push(stop)
      noteSessionRequest(dialog, message)
      break
    }
    case 'UPDATE':
      noteSessionRequest(dialog, message)
      break
  }
  if (!dialog.application.connected) {
    refuseWith(transaction, 503, retryAfter())
    return true
  }
  tell(dialog, transaction.id, arrival)
  return true
}

function tell(dialog: Dialog, transactionId: string, arrival: Arrival<SipRequest>): void {
  const passage = { source: 'network' as const, hop: arrival.source, bytes: arrival.bytes }
  dialog.application.send(sipNotice(passage, transactionId, dialog.id, serialize(arrival.message)))
}

/** The ACK for a 2xx. Only the first reaches the application. */
function receiveAck(_core: Core, dialog: Dialog, arrival: Arrival<SipRequest>): void {
  const waiting = dialog.unacknowledged
  if (!waiting || waiting.cseq !== arrival.envelope.cseq) return
  dialog.unacknowledged = undefined
  dialog.flow = arrival.source
  waiting.acknowledge()
  tell(dialog, `${arrival.envelope.cseq}-ack`, arrival)
}

function receiveBye(core: Core, dialog: Dialog, transaction: ServerTransaction, arrival: Arrival<SipRequest>): void {
  // §15.1.2: requests that still wait for an answer get 487.
  let early: ServerTransaction | undefined
  for (const other of core.servers.of(dialog)) {
    if (other === transaction || other.finalStatus !== 0) continue
    if (other.envelope.toTag === '') early = other
    else refuseWith(other, 487)
  }
  if (early) {
    // The application has no dialog yet: for it the call was cancelled.
    cancelByServer(core, early, 487)
    refuseWith(transaction, 200)
    return
  }
  core.cdr('stop', 'network', 'normal-release', serialize(arrival.message))
  if (dialog.application.connected) tell(dialog, transaction.id, arrival)
  else refuseWith(transaction, 200)
  core.dialogs.remove(dialog)
}

/** RFC 3262 §3: a PRACK ends the repetition of its provisional response; 481 when it means none. */
function receivePrack(core: Core, prack: ServerTransaction): boolean {
  const rack = /^(\d+)\s+(\d+)\s+(\S+)$/.exec(get(prack.request, 'rack') ?? '')
  for (const invite of prack.dialog ? core.servers.of(prack.dialog) : []) {
    if (rack === null || invite.provisional?.rseq !== Number(rack[1])) continue
    if (Number(rack[2]) !== invite.envelope.cseq || rack[3] !== 'INVITE') continue
    invite.provisional.acknowledge()
    invite.provisional = undefined
    return true
  }
  refuseWith(prack, 481)
  return false
}
