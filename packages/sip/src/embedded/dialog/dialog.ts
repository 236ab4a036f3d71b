import type { Application } from '../application/application.js'
import { parseAddress } from '../message/address.js'
import type { Envelope } from '../message/envelope.js'
import { type Header, header } from '../message/header.js'
import { get, getList, type SipMessage, type SipRequest, type SipResponse } from '../message/message.js'
import { parseUri } from '../message/uri.js'
import type { Hop } from '../transport/hop.js'

/** A dialog, RFC 3261 §12. Addresses are kept as written, without tags. */
export interface Dialog {
  /** What the application calls it. */
  readonly id: string
  readonly role: 'uas' | 'uac'
  readonly callId: string
  readonly application: Application
  readonly localTag: string
  remoteTag: string
  readonly localUri: string
  remoteUri: string
  localSeq: number
  /** Highest CSeq number received; undefined before the first. */
  remoteSeq: number | undefined
  /** URI of the peer's Contact. */
  remoteTarget: string
  routeSet: string[]
  phase: 'early' | 'confirmed' | 'ended'
  /** Connection or address on which the peer was last seen. */
  flow: Hop | undefined
  /** Contact header value that this side shows. */
  localContact: string
  localSdp: string
  /** True when the peer lists UPDATE in Allow. */
  peerUpdates: boolean
  /** The response to an INVITE that waits for its ACK. */
  unacknowledged: { readonly cseq: number; acknowledge(): void } | undefined
  /** The ACKs sent for 2xx responses, by CSeq number, to be repeated (§13.2.2.4). Only the latest is kept. */
  lastAck: { readonly cseq: number; readonly wire: string; readonly hop: Hop } | undefined
  /** CSeq number of the INVITE whose 2xx waits for the application's ACK. */
  ackDue: number | undefined
  /** Hang up once the ACK is sent: reason. */
  byeAfterAck: string | undefined
  /** RSeq of the last reliable provisional response received, RFC 3262 §4. */
  lastRSeq: number | undefined
  /** Stops the session timer. */
  stopSession: (() => void) | undefined
  /** Seconds of the session timer in force. */
  sessionSeconds: number | undefined
  /** Who refreshes the session. */
  sessionRefresher: 'local' | 'remote' | undefined
}

/** URI of the first Contact of a message, or an empty string. */
export function contactUri(message: SipMessage): string {
  const address = parseAddress(getList(message, 'contact')[0] ?? '')
  return address && parseUri(address.uri) ? address.uri : ''
}

/** The dialog that answering this INVITE makes, RFC 3261 §12.1.1. */
export function dialogOfRequest(
  id: string,
  request: SipRequest,
  envelope: Envelope,
  localTag: string,
  application: Application,
  flow: Hop,
): Dialog {
  return {
    ...blank(id, 'uas', envelope.callId, localTag, application),
    remoteTag: envelope.fromTag,
    localUri: envelope.to.text,
    remoteUri: envelope.from.text,
    remoteSeq: envelope.cseq,
    remoteTarget: contactUri(request),
    routeSet: getList(request, 'record-route'),
    flow,
    peerUpdates: getList(request, 'allow').includes('UPDATE'),
  }
}

/** The dialog that an INVITE of ours may make; the peer's part comes with its response. */
export function dialogOfInvite(id: string, invite: SipRequest, envelope: Envelope, application: Application): Dialog {
  return {
    ...blank(id, 'uac', envelope.callId, envelope.fromTag, application),
    localUri: envelope.from.text,
    remoteUri: envelope.to.text,
    localSeq: envelope.cseq,
    remoteTarget: invite.uri,
    localContact: get(invite, 'contact') ?? '',
    localSdp: invite.body,
  }
}

/** Takes the peer's part from a response, RFC 3261 §12.1.2. A later response of the same fork overwrites it. */
export function learnFromResponse(dialog: Dialog, response: SipResponse, envelope: Envelope, flow: Hop): void {
  dialog.remoteTag = envelope.toTag
  dialog.remoteUri = envelope.to.text
  const target = contactUri(response)
  if (target !== '') dialog.remoteTarget = target
  if (dialog.phase === 'early') dialog.routeSet = getList(response, 'record-route').reverse()
  dialog.flow = flow
  const allow = getList(response, 'allow')
  if (allow.length > 0) dialog.peerUpdates = allow.includes('UPDATE')
}

function blank(id: string, role: 'uas' | 'uac', callId: string, localTag: string, application: Application): Dialog {
  return {
    id,
    role,
    callId,
    application,
    localTag,
    remoteTag: '',
    localUri: '',
    remoteUri: '',
    localSeq: 0,
    remoteSeq: undefined,
    remoteTarget: '',
    routeSet: [],
    phase: 'early',
    flow: undefined,
    localContact: '',
    localSdp: '',
    peerUpdates: false,
    unacknowledged: undefined,
    lastAck: undefined,
    ackDue: undefined,
    byeAfterAck: undefined,
    lastRSeq: undefined,
    stopSession: undefined,
    sessionSeconds: undefined,
    sessionRefresher: undefined,
  }
}

/**
 * Request-URI and header fields of a request in the dialog, RFC 3261 §12.2.1.1, strict routers included; Via is added
 * by who sends it.
 */
export function requestInDialog(
  dialog: Dialog,
  method: string,
  cseq: number,
): { uri: string; headers: Header[]; target: string } {
  const first = dialog.routeSet[0]
  const firstUri = first === undefined ? '' : (parseAddress(first)?.uri ?? '')
  const loose = first === undefined || (parseUri(firstUri)?.params.has('lr') ?? false)
  const uri = loose ? dialog.remoteTarget : firstUri
  const routes = loose ? dialog.routeSet : [...dialog.routeSet.slice(1), `<${dialog.remoteTarget}>`]
  const headers = [
    header('max-forwards', 70),
    ...routes.map((route) => header('route', route)),
    header('from', `${dialog.localUri};tag=${dialog.localTag}`),
    header('to', dialog.remoteTag === '' ? dialog.remoteUri : `${dialog.remoteUri};tag=${dialog.remoteTag}`),
    header('call-id', dialog.callId),
    header('cseq', `${cseq} ${method}`),
  ]
  return { uri, headers, target: first === undefined ? uri : firstUri }
}
