import { sipNotice } from '../application/notice.js'
import { contactUri, type Dialog, learnFromResponse } from '../dialog/dialog.js'
import { newTag } from '../message/identifier.js'
import { get, hasToken, type SipResponse } from '../message/message.js'
import { serialize } from '../message/serialize.js'
import { giveUpMs } from '../transaction/timing.js'
import type { Core } from './core.js'
import { forgetOutgoing, type Outgoing } from './outgoing.js'
import { type Arrival, replyTo } from './reply.js'
import { sendAck, sendInDialog } from './send-in-dialog.js'
import { learnSession } from './session-timer.js'

const SILENT = { onResponse() {}, onFailure() {} }

/** A response to a request of the application, RFC 3261 §13.2.2 and §12.2.1.2. */
export function passResponse(
  core: Core,
  outgoing: Map<string, Outgoing>,
  entry: Outgoing,
  arrival: Arrival<SipResponse>,
): void {
  const { message, envelope } = arrival
  const { status } = message
  const isInvite = envelope.cseqMethod === 'INVITE'
  const { dialog } = entry
  if (isInvite && dialog) {
    if (status >= 200 && status < 300) {
      if (entry.finalSeen) {
        repeatAck(core, dialog, entry, arrival)
        return
      }
      accept(core, entry, dialog, arrival)
    } else if (status > 100 && status < 200 && entry.initial) {
      if (!learnEarly(core, dialog, arrival)) return
    }
  }
  if (entry.finalSeen) return
  if (dialog && status >= 200 && status < 300 && envelope.cseqMethod === 'UPDATE') {
    learnFromResponse(dialog, message, envelope, arrival.source)
    learnSession(core, dialog, message)
  }
  const passage = { source: 'network' as const, hop: arrival.source, bytes: arrival.bytes }
  entry.application.send(sipNotice(passage, entry.id, dialog?.id ?? '', serialize(message)))
  if (status >= 200) finish(core, outgoing, entry, status, serialize(message))
}

/** No answer, or no way to the peer: the application gets a response of the server's own (RFC 3261 §8.1.3.1). */
export function passFailure(core: Core, outgoing: Map<string, Outgoing>, entry: Outgoing, status: 408 | 503): void {
  const { transaction } = entry
  if (entry.finalSeen || !transaction) return
  const wire = serialize(replyTo(transaction.request, entry.cancelled ? 487 : status, newTag()))
  const passage = { source: 'network' as const, hop: transaction.hop, bytes: Buffer.byteLength(wire) }
  entry.application.send(sipNotice(passage, entry.id, entry.dialog?.id ?? '', wire))
  finish(core, outgoing, entry, status, wire)
}

function finish(core: Core, outgoing: Map<string, Outgoing>, entry: Outgoing, status: number, wire: string): void {
  entry.finalSeen = true
  forgetOutgoing(outgoing, entry)
  const { dialog, transaction } = entry
  if (!dialog || !transaction) return
  const { method } = transaction.request
  if (method === 'BYE') {
    if (status !== 401 && status !== 407) core.dialogs.remove(dialog)
    // The application may send the BYE again with credentials.
    else dialog.stopSession = core.clock.after(giveUpMs(core.timing), () => core.dialogs.remove(dialog))
  } else if (method === 'INVITE' && entry.initial && status >= 300) {
    core.dialogs.remove(dialog)
    core.cdr('stop', 'network', entry.cancelled ? 'call-canceled' : 'call-rejected', wire)
  } else if (method === 'INVITE' && !entry.initial && status >= 300) dialog.ackDue = undefined
}

/** The first 2xx to an INVITE: the dialog is confirmed and waits for the application's ACK. */
function accept(core: Core, entry: Outgoing, dialog: Dialog, arrival: Arrival<SipResponse>): void {
  const { message, envelope, source } = arrival
  if (entry.initial) {
    core.dialogs.retag(dialog, () => learnFromResponse(dialog, message, envelope, source))
    core.cdr('start', 'network', 'uac', serialize(message))
    if (entry.cancelled) dialog.byeAfterAck = 'ACK-BYE due to cancel race condition'
    // Without a Contact no request of the dialog has where to go; the application gives the call up too.
    else if (contactUri(message) === '') dialog.byeAfterAck = 'no Contact in the response'
  } else learnFromResponse(dialog, message, envelope, source)
  dialog.phase = 'confirmed'
  dialog.ackDue = entry.cseq
  learnSession(core, dialog, message)
}

/** A 2xx again, or one of another fork: RFC 3261 §13.2.2.4. */
function repeatAck(core: Core, dialog: Dialog, entry: Outgoing, arrival: Arrival<SipResponse>): void {
  const { message, envelope, source } = arrival
  if (envelope.toTag === dialog.remoteTag) {
    const { lastAck } = dialog
    if (lastAck?.cseq === entry.cseq) core.send(lastAck.hop, lastAck.wire)
    return
  }
  // The first answer has the call; another fork is acknowledged and hung up.
  const fork: Dialog = {
    ...dialog,
    phase: 'early',
    localSeq: entry.cseq,
    unacknowledged: undefined,
    stopSession: undefined,
  }
  learnFromResponse(fork, message, envelope, source)
  sendAck(core, fork, entry.cseq, [], '')
  sendInDialog(core, fork, { method: 'BYE', headers: [], body: '' }, SILENT)
}

/** Early dialog, RFC 3261 §12.1.2; false for a reliable provisional response that came before (RFC 3262 §4). */
function learnEarly(core: Core, dialog: Dialog, arrival: Arrival<SipResponse>): boolean {
  const { message, envelope, source } = arrival
  if (envelope.toTag === '') return true
  if (envelope.toTag !== dialog.remoteTag) dialog.lastRSeq = undefined
  core.dialogs.retag(dialog, () => learnFromResponse(dialog, message, envelope, source))
  const rseq = Number(get(message, 'rseq') ?? '')
  if (!hasToken(message, 'require', '100rel') || !(rseq > 0)) return true
  if (dialog.lastRSeq !== undefined && rseq <= dialog.lastRSeq) return false
  dialog.lastRSeq = rseq
  return true
}
