import dgram from 'node:dgram'
import net from 'node:net'
import { header } from '../message/header.js'
import { newBranch, newCallId, newTag } from '../message/identifier.js'
import { get, getAll, type SipMessage, type SipRequest, type SipResponse } from '../message/message.js'
import { parseMessage } from '../message/parse.js'
import { serialize } from '../message/serialize.js'
import { createStreamFramer } from '../transport/stream.js'

/** A SIP endpoint for tests: sends what it is told and remembers what comes. It repeats nothing by itself. */
export interface Peer {
  readonly port: number
  readonly proto: 'udp' | 'tcp'
  readonly received: SipMessage[]
  send(message: SipMessage | string): void
  /** The next message that was not taken yet and fits; rejects after `withinMs`. */
  next<M extends SipMessage>(fits: (message: SipMessage) => message is M, withinMs?: number): Promise<M>
  /** Called for every message, before `next` sees it; true takes it away. */
  intercept: ((message: SipMessage) => boolean) | undefined
  close(): void
}

export const isRequest =
  (method: string) =>
  (message: SipMessage): message is SipRequest =>
    message.kind === 'request' && message.method === method

export const isResponse =
  (status: number, method?: string) =>
  (message: SipMessage): message is SipResponse =>
    message.kind === 'response' &&
    message.status === status &&
    (method === undefined || (get(message, 'cseq') ?? '').endsWith(method))

/** Opens a peer that talks to `target` on loopback over UDP or TCP. */
export async function openPeer(target: number, proto: 'udp' | 'tcp' = 'udp'): Promise<Peer> {
  const received: SipMessage[] = []
  const waiting: { fits: (message: SipMessage) => boolean; take: (message: SipMessage) => void }[] = []

  function take(bytes: Buffer): void {
    const parsed = parseMessage(bytes, proto === 'tcp')
    if (!parsed.ok) throw new Error(`the server sent ${parsed.problem}: ${bytes.toString()}`)
    if (peer.intercept?.(parsed.message)) return
    const at = waiting.findIndex((one) => one.fits(parsed.message))
    if (at >= 0) waiting.splice(at, 1)[0]?.take(parsed.message)
    else received.push(parsed.message)
  }

  let write: (text: string) => void
  let port: number
  let close: () => void
  if (proto === 'udp') {
    const socket = dgram.createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    socket.on('message', take)
    port = socket.address().port
    write = (text) => socket.send(text, target, '127.0.0.1')
    close = () => socket.close()
  } else {
    const socket = net.connect(target, '127.0.0.1')
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const framer = createStreamFramer()
    socket.on('data', (chunk) => {
      for (const item of framer.push(chunk)) if (item.kind === 'message') take(item.bytes)
    })
    port = socket.localPort ?? 0
    write = (text) => void socket.write(text)
    close = () => socket.destroy()
  }

  const peer: Peer = {
    port,
    proto,
    received,
    intercept: undefined,
    send: (message) => write(typeof message === 'string' ? message : serialize(message)),
    next(fits, withinMs = 8000) {
      const at = received.findIndex(fits)
      if (at >= 0) return Promise.resolve(received.splice(at, 1)[0] as never)
      return new Promise((resolve, reject) => {
        const entry = {
          fits,
          take: (message: SipMessage) => {
            clearTimeout(timer)
            resolve(message as never)
          },
        }
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(entry), 1)
          const seen = received.map((m) => (m.kind === 'request' ? m.method : m.status)).join(' ')
          reject(new Error(`nothing that fits came within ${withinMs} ms; untaken: ${seen}`))
        }, withinMs)
        waiting.push(entry)
      })
    },
    close,
  }
  return peer
}

export const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=sendrecv\r\n'

export interface RequestDraft {
  callId?: string
  fromTag?: string
  toTag?: string
  cseq?: number
  branch?: string
  uri?: string
  headers?: Record<string, string>
  body?: string
}

/** A request of the peer, whole and well-formed. */
export function draftRequest(peer: Peer, method: string, target: number, draft: RequestDraft = {}): SipRequest {
  const { callId = newCallId(), fromTag = newTag(), toTag, cseq = 1, branch = newBranch(), body = '' } = draft
  const transport = peer.proto === 'tcp' ? ';transport=tcp' : ''
  const headers = [
    header('via', `SIP/2.0/${peer.proto.toUpperCase()} 127.0.0.1:${peer.port};branch=${branch};rport`),
    header('max-forwards', 70),
    header('from', `"Caller" <sip:caller@127.0.0.1:${peer.port}>;tag=${fromTag}`),
    header('to', `<sip:demo@127.0.0.1:${target}>${toTag === undefined ? '' : `;tag=${toTag}`}`),
    header('call-id', callId),
    header('cseq', `${cseq} ${method}`),
    header('contact', `<sip:caller@127.0.0.1:${peer.port}${transport}>`),
    ...Object.entries(draft.headers ?? {}).map(([name, value]) => header(name, value)),
  ]
  if (body !== '' && !draft.headers?.['Content-Type']) headers.push(header('content-type', 'application/sdp'))
  return { kind: 'request', method, uri: draft.uri ?? `sip:demo@127.0.0.1:${target}`, headers, body }
}

/** A response of the peer to a request that it received. */
export function answerTo(
  peer: Peer,
  request: SipRequest,
  status: number,
  toTag: string,
  extra: Record<string, string> = {},
  body = '',
): SipResponse {
  const to = get(request, 'to') ?? ''
  const transport = peer.proto === 'tcp' ? ';transport=tcp' : ''
  const headers = [
    ...getAll(request, 'via').map((value) => header('via', value)),
    header('from', get(request, 'from') ?? ''),
    header('to', /;\s*tag=/.test(to) || status === 100 ? to : `${to};tag=${toTag}`),
    header('call-id', get(request, 'call-id') ?? ''),
    header('cseq', get(request, 'cseq') ?? ''),
    header('contact', `<sip:peer@127.0.0.1:${peer.port}${transport}>`),
    ...Object.entries(extra).map(([name, value]) => header(name, value)),
  ]
  if (body !== '') headers.push(header('content-type', 'application/sdp'))
  return { kind: 'response', status, reason: 'Test', headers, body }
}

/** The To or From tag of a message. */
export function tagOf(message: SipMessage, key: 'to' | 'from'): string {
  return /;\s*tag=([^;\s]+)/.exec(get(message, key) ?? '')?.[1] ?? ''
}

/** The ACK for a 2xx to `invite`. */
export function ackFor(peer: Peer, invite: SipRequest, ok: SipResponse, target: number, body = ''): SipRequest {
  return draftRequest(peer, 'ACK', target, {
    callId: get(invite, 'call-id') ?? '',
    fromTag: tagOf(invite, 'from'),
    toTag: tagOf(ok, 'to'),
    cseq: Number((get(invite, 'cseq') ?? '').split(' ')[0]),
    uri: /<([^>]+)>/.exec(get(ok, 'contact') ?? '')?.[1] ?? invite.uri,
    body,
  })
}
