import type { Application } from '../application/application.js'
import { sipNotice } from '../application/notice.js'
import { contactUri } from '../dialog/dialog.js'
import { type Header, header } from '../message/header.js'
import { get, hasToken, type SipRequest } from '../message/message.js'
import { serialize } from '../message/serialize.js'
import type { Core } from './core.js'
import { receiveInDialog } from './inbound-dialog.js'
import { forwardRouted } from './proxy-dialog.js'
import { cancelByServer, endUnanswered, refuseWith, retryAfter, tellCancelled } from './refuse.js'
import { type Arrival, replyTo } from './reply.js'
import type { ServerTransaction } from './server-transactions.js'
import { MIN_SESSION_SECONDS, parseSessionExpires } from './session-expires.js'

/** Methods that exist (RFC 3261 and its extensions): an unknown one gets 501, a known one that nobody routes 405. */
const KNOWN = new Set(
  'INVITE ACK BYE CANCEL OPTIONS REGISTER INFO PRACK UPDATE SUBSCRIBE NOTIFY REFER MESSAGE PUBLISH'.split(' '),
)

/** A request from the network. */
export function receiveRequest(core: Core, arrival: Arrival<SipRequest>): void {
  const { message, envelope } = arrival
  if (message.method === 'ACK') {
    const invite = core.servers.match(envelope, message, 'INVITE')
    // Some callers give the ACK for a 2xx the branch of their INVITE; it belongs to the dialog all the same.
    if (invite && invite.finalStatus >= 300) invite.acknowledged()
    else if (!receiveInDialog(core, arrival)) forwardRouted(core, arrival)
    return
  }
  const known = core.servers.match(envelope, message)
  if (known) {
    known.retransmitted()
    return
  }
  if (message.method === 'CANCEL') {
    receiveCancel(core, arrival)
    return
  }
  if (core.servers.size >= core.limits.maxTransactions) {
    if (message.method === 'INVITE') refuseStateless(core, arrival, 503, retryAfter())
    return
  }
  if (envelope.toTag !== '') {
    if (receiveInDialog(core, arrival) || forwardRouted(core, arrival)) return
    refuseWith(core.servers.open(arrival), 481)
    return
  }
  if (core.servers.isMerged(envelope)) {
    refuseWith(core.servers.open(arrival), 482)
    return
  }
  receiveNew(core, arrival)
}

/** A request outside of any dialog: RFC 3261 §8.2. */
function receiveNew(core: Core, arrival: Arrival<SipRequest>): void {
  const { message, source } = arrival
  const { method } = message
  const transaction = core.servers.open(arrival)
  const isInvite = method === 'INVITE'
  if (isInvite) transaction.respond(replyTo(message, 100, ''))
  const application = core.applications.pick(method.toLowerCase())
  if (!application) {
    refuseUnrouted(core, transaction)
    return
  }
  if (isInvite) {
    const [status, extra] = inviteProblem(core, message)
    if (status !== 0) {
      refuseWith(transaction, status, extra)
      return
    }
  }
  transaction.application = application
  const wire = serialize(message)
  if (isInvite) {
    core.cdr('attempt', 'network', '', wire)
    const stop = core.clock.after(core.limits.ringMs, () => cancelByServer(core, transaction, 408))
    transaction.onEnd.push(stop)
  }
  const passage = { source: 'network' as const, hop: source, bytes: arrival.bytes }
  application.send(sipNotice(passage, transaction.id, '', wire, core.localAddress(source)))
}

/** Status and header fields with which to refuse an INVITE before anyone sees it; 0 for a good one. */
function inviteProblem(core: Core, invite: SipRequest): [number, Header[]] {
  if (contactUri(invite) === '') return [400, []]
  if (core.dialogs.size >= core.limits.maxDialogs) return [503, retryAfter()]
  const session = parseSessionExpires(get(invite, 'session-expires'))
  if (session && session.seconds < MIN_SESSION_SECONDS && hasToken(invite, 'supported', 'timer')) {
    return [422, [header('min-se', MIN_SESSION_SECONDS)]]
  }
  return [0, []]
}

function refuseUnrouted(core: Core, transaction: ServerTransaction): void {
  const { method } = transaction.request
  if (core.applications.applications.length === 0) {
    refuseWith(transaction, 503, retryAfter())
    return
  }
  const allow = header('allow', allowed(core.applications.applications))
  if (method === 'OPTIONS') {
    // RFC 3261 §11.2: a live server tells what it can do, so that trunks can probe it.
    transaction.respond(
      replyTo(transaction.request, 200, transaction.toTag, [allow, header('accept', 'application/sdp')]),
    )
  } else refuseWith(transaction, KNOWN.has(method) ? 405 : 501, [allow])
}

function allowed(applications: readonly Application[]): string {
  const methods = new Set(['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'PRACK', 'UPDATE', 'INFO'])
  for (const { verbs } of applications) {
    for (const verb of verbs) if (KNOWN.has(verb.toUpperCase())) methods.add(verb.toUpperCase())
  }
  return [...methods].join(', ')
}

/** RFC 3261 §9.2: 200 to the CANCEL, 487 to its INVITE. */
function receiveCancel(core: Core, arrival: Arrival<SipRequest>): void {
  const { message, envelope } = arrival
  const invite = core.servers.match(envelope, message, 'INVITE')
  const transaction = core.servers.open(arrival)
  if (!invite) {
    refuseWith(transaction, 481)
    return
  }
  transaction.respond(replyTo(message, 200, invite.toTag))
  if (invite.finalStatus !== 0) return
  if (invite.onCancel) {
    invite.onCancel()
    return
  }
  tellCancelled(invite, serialize(message), arrival.bytes)
  endUnanswered(core, invite, 487, 'call-canceled')
}

function refuseStateless(core: Core, arrival: Arrival<SipRequest>, status: number, extra: Header[]): void {
  const { message, source, envelope } = arrival
  const port = envelope.via.params.has('rport') ? source.port : (envelope.via.port ?? 5060)
  const hop = source.proto === 'tcp' ? source : { ...source, port }
  core.send(hop, serialize(replyTo(message, status, 'overload', extra)))
}
