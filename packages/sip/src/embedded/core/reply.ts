import type { Envelope } from '../message/envelope.js'
import { type Header, header } from '../message/header.js'
import { get, getAll, type SipMessage, type SipRequest, type SipResponse } from '../message/message.js'
import { reasonPhrase } from '../message/reason.js'
import type { Via } from '../message/via.js'
import type { Hop } from '../transport/hop.js'

/** A response to a request with the header fields that RFC 3261 §8.2.6.2 copies. */
export function replyTo(
  request: { readonly headers: readonly Header[] },
  status: number,
  toTag: string,
  extra: readonly Header[] = [],
  reason = reasonPhrase(status),
  body = '',
): SipResponse {
  const to = get(request, 'to') ?? ''
  const tagged = toTag === '' || /;\s*tag\s*=/i.test(to) ? to : `${to};tag=${toTag}`
  const headers = [
    ...getAll(request, 'via').map((value) => header('via', value)),
    header('from', get(request, 'from') ?? ''),
    header('to', tagged),
    header('call-id', get(request, 'call-id') ?? ''),
    header('cseq', get(request, 'cseq') ?? ''),
    ...extra,
  ]
  return { kind: 'response', status, reason, headers, body }
}

/** Where a response goes: RFC 3261 §18.2.2, with the source port where the client asked for it (RFC 3581 §4). */
export function responseHop(via: Via, source: Hop): Hop {
  if (source.proto === 'tcp') return source
  return { proto: 'udp', address: source.address, port: via.params.has('rport') ? source.port : (via.port ?? 5060) }
}

/** Header fields of a CANCEL or of the ACK for a failure, RFC 3261 §9.1 and §17.1.1.3, and the request itself. */
export function hopByHopRequest(
  invite: SipRequest,
  method: 'ACK' | 'CANCEL',
  to: string,
  extra: Header[] = [],
): SipRequest {
  const seq = (get(invite, 'cseq') ?? '').split(/\s+/)[0] ?? '1'
  const headers = [
    header('via', getAll(invite, 'via')[0] ?? ''),
    header('max-forwards', 70),
    ...getAll(invite, 'route').map((value) => header('route', value)),
    header('from', get(invite, 'from') ?? ''),
    header('to', to),
    header('call-id', get(invite, 'call-id') ?? ''),
    header('cseq', `${seq} ${method}`),
    ...extra,
  ]
  return { kind: 'request', method, uri: invite.uri, headers, body: '' }
}

/** A SIP message that came in, read and checked. */
export interface Arrival<M extends SipMessage = SipMessage> {
  readonly message: M
  readonly envelope: Envelope
  readonly source: Hop
  readonly bytes: number
}
