import { openEnvelope } from '../message/envelope.js'
import { header } from '../message/header.js'
import { newTag } from '../message/identifier.js'
import { get, getList, type SipMessage, type SipRequest, type SipResponse } from '../message/message.js'
import { parseMessage } from '../message/parse.js'
import { serialize, withHeader } from '../message/serialize.js'
import { parseVia, stampVia } from '../message/via.js'
import type { Hop } from '../transport/hop.js'
import type { Core } from './core.js'
import { type Arrival, replyTo, responseHop } from './reply.js'

/** What becomes of whole messages. */
export interface Receivers {
  onRequest(arrival: Arrival<SipRequest>): void
  /** A response that belongs to no transaction: a 2xx that comes again after its end, or a stray. */
  onStrayResponse(arrival: Arrival<SipResponse>): void
}

/** Reads one datagram or framed message, refuses what is malformed, and hands on the rest. Never throws. */
export function receiveMessage(core: Core, bytes: Buffer, source: Hop, receivers: Receivers): void {
  try {
    // Keep-alives: CRLFs, STUN-like noise, single NULs.
    if (bytes.length < 20) return
    const parsed = parseMessage(bytes, source.proto === 'tcp')
    if (!parsed.ok) {
      if (parsed.broken) refuse(core, parsed.broken, source, parsed.status)
      return
    }
    const opened = openEnvelope(parsed.message)
    if (!opened.ok) {
      refuse(core, parsed.message, source, opened.status)
      return
    }
    const { message } = parsed
    const arrival = { envelope: opened.envelope, source, bytes: bytes.length }
    if (message.kind === 'response') {
      const response = { ...arrival, message }
      if (!core.clients.receive(response)) receivers.onStrayResponse(response)
      return
    }
    stampTopVia(message, source)
    receivers.onRequest({ ...arrival, message })
  } catch (error) {
    core.log.error({ err: error }, 'a SIP message could not be processed')
  }
}

function stampTopVia(request: SipRequest, source: Hop): void {
  const at = request.headers.findIndex((field) => field.key === 'via')
  const [top, ...rest] = getList({ headers: request.headers.slice(at, at + 1) }, 'via')
  const via = parseVia(top ?? '')
  if (at < 0 || !via) return
  const stamped = stampVia(via, source.address, source.port)
  request.headers[at] = header('via', [stamped, ...rest].join(', '))
}

/** Refuses a malformed request without state, if it says enough to be answered; drops anything else (RFC 4475). */
function refuse(core: Core, message: SipMessage, source: Hop, status: number): void {
  if (message.kind !== 'request' || message.method === 'ACK') return
  const via = parseVia(getList(message, 'via')[0] ?? '')
  if (!via) return
  for (const key of ['from', 'to', 'call-id', 'cseq']) if ((get(message, key) ?? '') === '') return
  stampTopVia(message, source)
  core.send(responseHop(via, source), serialize(replyTo({ headers: firstOfEach(message) }, status, newTag())))
}

/** Doubled header fields are a fault of the request; the refusal repeats only the first of each. */
function firstOfEach(message: SipMessage): SipMessage['headers'] {
  let headers = message.headers
  for (const key of ['from', 'to', 'call-id', 'cseq']) headers = withHeader(headers, key, get(message, key) ?? '')
  return headers
}
