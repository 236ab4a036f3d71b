import { type Dialog, requestInDialog } from '../dialog/dialog.js'
import { type Header, header } from '../message/header.js'
import { newBranch } from '../message/identifier.js'
import { get, type SipRequest } from '../message/message.js'
import { serialize } from '../message/serialize.js'
import { parseUri } from '../message/uri.js'
import type { Hop } from '../transport/hop.js'
import { resolveNow } from '../transport/resolve.js'
import type { ClientTransaction, ClientUser } from './client-transactions.js'
import type { Core } from './core.js'
import { viaValue } from './local.js'

/** What to send in a dialog, besides what the dialog itself says. */
export interface InDialogDraft {
  readonly method: string
  /** Header fields besides those that the dialog determines. */
  readonly headers: readonly Header[]
  readonly body: string
  /** CSeq number, where the application chose one (a request again with credentials). */
  readonly cseq?: number | undefined
  /** Request-URI other than the remote target. */
  readonly uri?: string | undefined
  /** The server itself acknowledges the 2xx to this INVITE. */
  readonly ownAck?: boolean
}

/** Sends a request in a dialog, RFC 3261 §12.2.1. Null when there is no way to the peer. */
export function sendInDialog(
  core: Core,
  dialog: Dialog,
  draft: InDialogDraft,
  user: ClientUser,
): ClientTransaction | null {
  const cseq = Math.max(draft.cseq ?? 0, dialog.localSeq + 1)
  dialog.localSeq = cseq
  const { uri, headers, target } = requestInDialog(dialog, draft.method, cseq)
  const hop = dialogHop(dialog, target)
  if (!hop) return null
  const request: SipRequest = {
    kind: 'request',
    method: draft.method,
    uri: draft.uri ?? uri,
    headers: [...headers, ...draft.headers],
    body: draft.body,
  }
  if (draft.ownAck !== true || draft.method !== 'INVITE') return core.clients.open(request, hop, user)
  return core.clients.open(request, hop, {
    onResponse(arrival) {
      const { status } = arrival.message
      if (status >= 200 && status < 300) {
        if (dialog.lastAck?.cseq === cseq) core.send(dialog.lastAck.hop, dialog.lastAck.wire)
        else sendAck(core, dialog, cseq, [], '')
      }
      user.onResponse(arrival)
    },
    onFailure: user.onFailure,
  })
}

/** Sends the ACK for a 2xx and keeps it, to be repeated with every 2xx that comes again (RFC 3261 §13.2.2.4). */
export function sendAck(
  core: Core,
  dialog: Dialog,
  cseq: number,
  extra: readonly Header[],
  body: string,
): { wire: string; hop: Hop } | null {
  const { uri, headers, target } = requestInDialog(dialog, 'ACK', cseq)
  const hop = dialogHop(dialog, target)
  if (!hop) return null
  const via = header('via', viaValue(core.localAddress(hop), hop, newBranch()))
  const request: SipRequest = { kind: 'request', method: 'ACK', uri, headers: [via, ...headers, ...extra], body }
  const wire = serialize(request)
  dialog.lastAck = { cseq, wire, hop }
  core.send(hop, wire)
  return { wire, hop }
}

/**
 * The next hop of a dialog. A peer that came over TCP is answered on its connection while that lasts, for many clients
 * listen on none (RFC 3261 §18.2.2 for responses; RFC 5923 for requests). A name that is no address goes to where the
 * peer was last seen.
 */
function dialogHop(dialog: Dialog, target: string): Hop | null {
  const uri = parseUri(target)
  const hop = uri && resolveNow(uri)
  const { flow } = dialog
  if (flow?.proto === 'tcp' && flow.connection !== undefined && (!hop || hop.address === flow.address)) {
    return { proto: 'tcp', address: flow.address, port: hop?.port ?? flow.port, connection: flow.connection }
  }
  if (hop) return hop
  return flow ?? null
}

/** CSeq number in a draft's header fields, if the application wrote one. */
export function draftCSeq(headers: { readonly headers: readonly Header[] }): number | undefined {
  const number = /^(\d{1,9})\b/.exec(get(headers, 'cseq') ?? '')?.[1]
  return number === undefined ? undefined : Number(number)
}
