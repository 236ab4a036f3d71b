import { randomUUID } from 'node:crypto'
import type { Application } from '../application/application.js'
import { plainReply, requestEcho } from '../application/notice.js'
import { dialogOfInvite } from '../dialog/dialog.js'
import { parseAddress } from '../message/address.js'
import { openEnvelope } from '../message/envelope.js'
import { type Header, header } from '../message/header.js'
import { newCallId, newCSeq, newTag } from '../message/identifier.js'
import { get, getList, type SipRequest } from '../message/message.js'
import { withHeader, withoutHeaders } from '../message/serialize.js'
import { parseUri, type SipUri } from '../message/uri.js'
import type { Hop } from '../transport/hop.js'
import { resolveHop, resolveNow } from '../transport/resolve.js'
import type { Core } from './core.js'
import { contactValue, replaceLocalhost, viaValue } from './local.js'
import type { Outgoing } from './outgoing.js'
import { passFailure, passResponse } from './response-in.js'

/** A new request of the application, outside of any dialog: drachtio's `sip||` with neither id. */
export function sendNewRequest(
  core: Core,
  outgoing: Map<string, Outgoing>,
  application: Application,
  msgId: string,
  proxyUri: string,
  draft: SipRequest,
): void {
  const nok = (reason: string) => application.send(plainReply(msgId, 'NOK', reason))
  const target = parseUri(draft.uri)
  if (!target) {
    nok(`invalid request-uri: ${draft.uri}`)
    return
  }
  const next = nextHopUri(draft, proxyUri, target)
  if (!next) {
    nok(`invalid route: ${proxyUri}`)
    return
  }
  if (core.clients.size >= core.limits.maxTransactions || core.dialogs.size >= core.limits.maxDialogs) {
    nok('too many calls')
    return
  }
  if (draft.body !== '' && get(draft, 'content-type') === undefined && !draft.body.startsWith('v=0')) {
    nok('missing content-type')
    return
  }
  const now = resolveNow(next)
  if (now) {
    launch(core, outgoing, application, msgId, draft, now)
    return
  }
  resolveHop(next).then(
    (hop) => {
      if (application.connected) launch(core, outgoing, application, msgId, draft, hop)
    },
    (error: Error) => nok(error.message),
  )
}

/** RFC 3261 §8.1.2: the outbound proxy, else the topmost Route, else the Request-URI. */
function nextHopUri(draft: SipRequest, proxyUri: string, target: SipUri): SipUri | null {
  if (proxyUri !== '') return parseUri(parseAddress(proxyUri)?.uri ?? '')
  const route = getList(draft, 'route')[0]
  if (route !== undefined) return parseUri(parseAddress(route)?.uri ?? '')
  return target
}

function launch(
  core: Core,
  outgoing: Map<string, Outgoing>,
  application: Application,
  msgId: string,
  draft: SipRequest,
  hop: Hop,
): void {
  const nok = (reason: string) => application.send(plainReply(msgId, 'NOK', reason))
  const local = core.localAddress(hop)
  if (hop.port === local.port && hop.address === local.address) {
    nok('can not send request to myself')
    return
  }
  const request: SipRequest = { ...draft, headers: fill(draft, hop, local) }
  // The Via is the transaction's to add; here it only makes the message whole for the check.
  const via = header('via', viaValue(local, hop, 'z9hG4bK'))
  const checked = openEnvelope({ ...request, headers: [via, ...request.headers] })
  if (!checked.ok) {
    nok(checked.problem)
    return
  }
  const { envelope } = checked

  const isInvite = request.method === 'INVITE'
  const entry: Outgoing = {
    id: randomUUID(),
    application,
    cseq: envelope.cseq,
    initial: true,
    cancelled: false,
    dialog: isInvite
      ? dialogOfInvite(core.dialogs.freeId(envelope.callId, envelope.fromTag), request, envelope, application)
      : undefined,
    transaction: undefined,
    finalSeen: false,
    stopRinging: undefined,
  }
  if (entry.dialog) core.dialogs.add(entry.dialog)
  outgoing.set(entry.id, entry)
  // The echo must precede every response; responses come by way of the event loop, and so do failures to send.
  const transaction = core.clients.open(request, hop, {
    onResponse: (arrival) => passResponse(core, outgoing, entry, arrival),
    onFailure: (status) => passFailure(core, outgoing, entry, status),
  })
  entry.transaction = transaction
  const passage = { source: 'application' as const, hop, bytes: Buffer.byteLength(transaction.wire) }
  application.send(requestEcho(msgId, passage, entry.id, transaction.wire))
  if (isInvite) {
    core.cdr('attempt', 'application', '', transaction.wire)
    entry.stopRinging = core.clock.after(core.limits.ringMs, () => transaction.cancel())
  }
}

/** Fills in what the application left out: From, To, Call-ID, CSeq, Max-Forwards, Contact, Content-Type. */
function fill(draft: SipRequest, hop: Hop, local: { address: string; port: number }): Header[] {
  let headers = withoutHeaders(draft.headers, 'via', 'content-length').map((field) => ({
    ...field,
    value: replaceLocalhost(field.value, local),
  }))
  const given = (key: string) => get({ headers }, key)
  const contact = contactValue(local, hop)
  const from = parseAddress(given('from') ?? contact)
  if (from) {
    const tag = from.params.get('tag') ?? newTag()
    let rest = ''
    for (const [name, value] of from.params) if (name !== 'tag') rest += value === '' ? `;${name}` : `;${name}=${value}`
    headers = withHeader(headers, 'from', `${from.text};tag=${tag}${rest}`)
  }
  if (given('to') === undefined) headers = withHeader(headers, 'to', `<${draft.uri}>`)
  if (given('call-id') === undefined) headers = withHeader(headers, 'call-id', newCallId())
  if (given('cseq') === undefined) headers = withHeader(headers, 'cseq', `${newCSeq()} ${draft.method}`)
  if (given('max-forwards') === undefined) headers = withHeader(headers, 'max-forwards', 70)
  const own = given('contact')
  if (own !== undefined && parseAddress(own)) {
    // A bare URI as Contact would take header parameters for its own.
    if (own !== '*' && !own.includes('<')) headers = withHeader(headers, 'contact', `<${own}>`)
  } else if (draft.method === 'INVITE' || draft.method === 'SUBSCRIBE') {
    headers = withHeader(headers, 'contact', contact)
  }
  if (draft.body !== '' && given('content-type') === undefined) {
    headers = withHeader(headers, 'content-type', 'application/sdp')
  }
  return headers
}
