import type { Application } from '../application/application.js'
import { sipNotice } from '../application/notice.js'
import type { Dialog } from '../dialog/dialog.js'
import { header } from '../message/header.js'
import type { Core } from './core.js'
import type { Outgoing } from './outgoing.js'
import { endUnanswered, refuseWith, retryAfter } from './refuse.js'
import { sendAck, sendInDialog } from './send-in-dialog.js'

const SILENT = { onResponse() {}, onFailure() {} }

/** Ends a call by the server's own BYE; the application learns of it as `unsolicited`. */
export function hangUp(core: Core, dialog: Dialog, reason: string): void {
  if (dialog.phase === 'ended') return
  const headers = [header('reason', `SIP ;cause=200 ;text="${reason}"`)]
  const bye = sendInDialog(core, dialog, { method: 'BYE', headers, body: '' }, SILENT)
  if (bye) {
    const passage = { source: 'application' as const, hop: bye.hop, bytes: Buffer.byteLength(bye.wire) }
    dialog.application.send(sipNotice(passage, 'unsolicited', dialog.id, bye.wire))
    core.cdr('stop', 'application', cdrReason(reason), bye.wire)
  }
  core.dialogs.remove(dialog)
}

function cdrReason(reason: string): string {
  if (reason === 'ACK timeout') return 'ack-timeout'
  if (reason === 'Session timer expired') return 'session-expired'
  return reason.startsWith('ACK-BYE') ? 'ackbye' : 'system-initiated'
}

/** An application that is gone leaves nothing behind: what rings is refused, what talks is hung up. */
export function abandonApplication(core: Core, outgoing: Map<string, Outgoing>, application: Application): void {
  for (const entry of [...outgoing.values()]) {
    if (entry.application !== application) continue
    entry.cancelled = true
    entry.transaction?.cancel()
  }
  for (const transaction of [...core.servers.all()]) {
    if (transaction.application !== application || transaction.finalStatus !== 0) continue
    transaction.onCancel?.()
    if (transaction.request.method !== 'INVITE') refuseWith(transaction, 503, retryAfter())
    else endUnanswered(core, transaction, 503, 'application-gone', retryAfter())
  }
  for (const dialog of core.dialogs.of(application)) {
    if (dialog.phase !== 'confirmed') continue
    if (dialog.ackDue !== undefined) sendAck(core, dialog, dialog.ackDue, [], '')
    hangUp(core, dialog, 'Application gone')
  }
}
