import { randomBytes } from 'node:crypto'
import { header, headerValues, hostPortOf, type SipMessage, uriOf } from '../sip/message.js'

/** What a caller knows of its dialog, RFC 3261 §12. */
export interface Dialog {
  readonly callId: string
  readonly target: string
  /** Builds an in-dialog request; ACK and CANCEL of an INVITE give its number as `cseq`. */
  request(method: string, options?: { cseq?: number; body?: string; headers?: [string, string][] }): SipMessage
  /** Builds the ACK of a 2xx, retransmitted ones included. */
  ack(response: SipMessage): SipMessage
  /** Takes over tag, route set and remote target of a response. */
  confirm(response: SipMessage): void
  /** Where in-dialog requests go over UDP. */
  nextHop(): { host: string; port: number } | undefined
  lastCseq(): number
}

/** A new dialog of the caller `from` with `target`. */
export function createDialog(target: string, from: string, contact: string): Dialog {
  const callId = `${randomBytes(12).toString('hex')}@127.0.0.1`
  const localTag = randomBytes(6).toString('hex')
  let cseq = 0
  let to = `<${target}>`
  let remoteTarget = target
  let routes: string[] = []
  let confirmed = false

  function request(
    method: string,
    options: { cseq?: number; body?: string; headers?: [string, string][] } = {},
  ): SipMessage {
    const number = options.cseq ?? ++cseq
    const headers: [string, string][] = [
      ['max-forwards', '70'],
      ['from', `<${from}>;tag=${localTag}`],
      ['to', to],
      ['call-id', callId],
      ['cseq', `${number} ${method}`],
      ['contact', `<${contact}>`],
      ...routes.map((route): [string, string] => ['route', route]),
      ...(options.headers ?? []),
    ]
    if (options.body) headers.push(['content-type', 'application/sdp'])
    return { method, uri: remoteTarget, headers, body: options.body ?? '' }
  }

  return {
    callId,
    target,
    request,
    confirm(response) {
      to = header(response, 'to')
      const contactValue = header(response, 'contact')
      if (contactValue) remoteTarget = uriOf(contactValue)
      if (!confirmed) routes = headerValues(response, 'record-route').reverse()
      confirmed = true
    },
    ack: (response) => request('ACK', { cseq: Number.parseInt(header(response, 'cseq'), 10) }),
    nextHop: () => (confirmed ? hostPortOf(uriOf(routes[0] ?? remoteTarget)) : undefined),
    lastCseq: () => cseq,
  }
}
