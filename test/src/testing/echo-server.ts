import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { formatSip, header, hostPortOf, parseSip, type SipMessage, tagOf, uriOf } from '../sip/message.js'

/** A trivial SIP server over UDP that echoes RTP after a delay: something of known latency to try the caller on. */
export interface EchoServer {
  readonly sipPort: number
  /** Methods of the requests that came in, retransmissions included. */
  readonly requests: string[]
  /** Payloads of telephone events that came in. */
  readonly events: Buffer[]
  /** Hangs up the latest call. */
  bye(): void
  close(): void
}

export interface EchoOptions {
  delayMs: number
  /** Status of the answer to INVITE; default 200. */
  status?: number
  /** Answers with provisional responses only, until CANCEL. */
  ringOnly?: boolean
  /** Drops the first so many INVITEs. */
  dropInvites?: number
}

const HOST = '127.0.0.1'

/** Starts the server on free loopback ports. */
export async function openEchoServer({
  delayMs,
  status = 200,
  ringOnly = false,
  dropInvites = 0,
}: EchoOptions): Promise<EchoServer> {
  const sip = createSocket('udp4').bind(0, HOST)
  const rtp = createSocket('udp4').bind(0, HOST)
  await Promise.all([once(sip, 'listening'), once(rtp, 'listening')])
  const requests: string[] = []
  const events: Buffer[] = []
  const timers = new Set<NodeJS.Timeout>()
  const refused = ringOnly || status >= 300
  let drop = dropInvites
  let invite: { message: SipMessage; from: RemoteInfo } | undefined

  rtp.on('message', (bytes, from) => {
    if ((bytes.readUInt8(1) & 0x7f) === 101) events.push(bytes.subarray(12))
    const timer = setTimeout(() => {
      timers.delete(timer)
      rtp.send(bytes, from.port, from.address)
    }, delayMs)
    timers.add(timer)
  })

  function respond(request: SipMessage, from: RemoteInfo, code: number, body = ''): void {
    const copied = request.headers.filter(([name]) => ['via', 'from', 'call-id', 'cseq'].includes(name))
    const to = header(request, 'to')
    const headers: [string, string][] = [
      ...copied,
      ['to', tagOf(to) || code === 100 ? to : `${to};tag=echo`],
      ['contact', `<sip:echo@${HOST}:${sip.address().port}>`],
    ]
    if (body) headers.push(['content-type', 'application/sdp'])
    sip.send(formatSip({ status: code, reason: 'Echo', headers, body }), from.port, from.address)
  }

  sip.on('message', (bytes, from) => {
    const request = parseSip(bytes.toString())
    if (!request?.method) return
    requests.push(request.method)
    if (request.method === 'ACK') {
      if (refused && invite && branchOf(invite.message) !== branchOf(request)) requests.push('stray ACK')
      return
    }
    if (request.method === 'CANCEL') {
      if (!invite || branchOf(invite.message) !== branchOf(request)) return respond(request, from, 481)
      respond(request, from, 200)
      return respond(invite.message, invite.from, 487)
    }
    if (request.method !== 'INVITE') return respond(request, from, 200)
    if (drop-- > 0) return
    invite = { message: request, from }
    respond(request, from, 100)
    if (ringOnly) return respond(request, from, 180)
    const direction = request.body.includes('a=sendonly') ? 'recvonly' : 'sendrecv'
    const answer = request.body
      .replace(/^m=audio \d+/m, `m=audio ${rtp.address().port}`)
      .replace(/^a=send\w+/m, `a=${direction}`)
    respond(request, from, status, status === 200 ? answer : '')
  })

  return {
    sipPort: sip.address().port,
    requests,
    events,
    bye() {
      if (!invite) return
      const { message } = invite
      const contact = uriOf(header(message, 'contact'))
      const headers: [string, string][] = [
        ['via', `SIP/2.0/UDP ${HOST}:${sip.address().port};branch=z9hG4bKecho;rport`],
        ['from', `${header(message, 'to').replace(/;tag=.*/, '')};tag=echo`],
        ['to', header(message, 'from')],
        ['call-id', header(message, 'call-id')],
        ['cseq', '1 BYE'],
      ]
      sip.send(formatSip({ method: 'BYE', uri: contact, headers, body: '' }), hostPortOf(contact).port, HOST)
    },
    close() {
      for (const timer of timers) clearTimeout(timer)
      sip.close()
      rtp.close()
    },
  }
}

function branchOf(message: SipMessage): string | undefined {
  return /;branch=([^;,\s]+)/.exec(header(message, 'via'))?.[1]
}
