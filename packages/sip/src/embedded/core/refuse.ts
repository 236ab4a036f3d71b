import { sipNotice } from '../application/notice.js'
import { type Header, header } from '../message/header.js'
import type { SipRequest } from '../message/message.js'
import { serialize } from '../message/serialize.js'
import type { Core } from './core.js'
import { replyTo } from './reply.js'
import type { ServerTransaction } from './server-transactions.js'

/** Seconds after which a caller may try again when no application is there. */
const RETRY_AFTER_SECONDS = 5

/** The server itself gives up an INVITE that nobody answers: the application sees a CANCEL. */
export function cancelByServer(core: Core, invite: ServerTransaction, status: number): void {
  if (invite.finalStatus !== 0) return
  if (invite.onCancel) {
    invite.onCancel()
    return
  }
  const { request } = invite
  const headers = request.headers
    .filter((field) => ['via', 'from', 'to', 'call-id'].includes(field.key))
    .concat(header('cseq', `${invite.envelope.cseq} CANCEL`))
  const cancel: SipRequest = { kind: 'request', method: 'CANCEL', uri: request.uri, headers, body: '' }
  const wire = serialize(cancel)
  tellCancelled(invite, wire, Buffer.byteLength(wire))
  endUnanswered(core, invite, status, 'call-canceled')
}

/** Passes a CANCEL to the application that has the INVITE. */
export function tellCancelled(invite: ServerTransaction, wire: string, bytes: number): void {
  const passage = { source: 'network' as const, hop: invite.source, bytes }
  invite.application?.send(sipNotice(passage, invite.id, invite.dialog?.id ?? '', wire))
}

/** Final failure of an INVITE by the server; its early dialog goes with it. */
export function endUnanswered(
  core: Core,
  invite: ServerTransaction,
  status: number,
  reason: string,
  extra: Header[] = [],
): void {
  const wire = refuseWith(invite, status, extra)
  invite.provisional?.acknowledge()
  const early = invite.dialog?.phase === 'early' ? invite.dialog : undefined
  if (early) core.dialogs.remove(early)
  if (wire !== null && invite.envelope.toTag === '') core.cdr('stop', 'network', reason, wire)
}

/** A final response with nothing in it but a status. */
export function refuseWith(transaction: ServerTransaction, status: number, extra: Header[] = []): string | null {
  return transaction.respond(replyTo(transaction.request, status, transaction.toTag, extra))
}

/** Header fields that tell a caller when to try again. */
export function retryAfter(): Header[] {
  return [header('retry-after', RETRY_AFTER_SECONDS)]
}
