import { randomBytes } from 'node:crypto'
import { formatSip, header, type SipMessage } from './message.js'
import { openTransport, type SipTransport, type TransportName } from './transport.js'

/** RFC 3261 §17.1.1.1 */
const T1_MS = 500
const TRANSACTION_LIMIT_MS = 64 * T1_MS

export interface UserAgentOptions {
  serverPort: number
  transport: TransportName
  /** A request that came in; what it returns is sent as the response. ACKs come here too, their answer is dropped. */
  onRequest: (request: SipMessage) => { status: number; reason: string; headers?: [string, string][]; body?: string }
  /** Seen for each 2xx to an INVITE, retransmissions included: the dialog acknowledges. */
  onInviteSuccess?: (response: SipMessage) => void
}

/** A small SIP endpoint: client transactions with RFC 3261's retransmissions, and plain answers to what comes in. */
export interface UserAgent {
  readonly localPort: number
  /** Sends a request and resolves with its final response; rejects after 32 s without one. */
  request(request: SipMessage, options?: RequestOptions): Promise<SipMessage>
  /** Sends a request that has no response: an ACK. */
  send(request: SipMessage, to?: { host: string; port: number }): void
  close(): void
}

export interface RequestOptions {
  to?: { host: string; port: number }
  onProvisional?: (response: SipMessage) => void
  /** The branch to use, where a CANCEL must repeat it. */
  branch?: string
}

/** A new branch with RFC 3261's magic cookie. */
export function newBranch(): string {
  return `z9hG4bK${randomBytes(8).toString('hex')}`
}

/** Opens an endpoint on a free loopback port. */
export async function openUserAgent(options: UserAgentOptions): Promise<UserAgent> {
  const waiting = new Map<string, (response: SipMessage) => void>()
  const transport: SipTransport = await openTransport(options.transport, options.serverPort, (message) => {
    if (message.status === undefined) return answer(message)
    const method = header(message, 'cseq').split(/\s+/)[1] ?? ''
    if (method === 'INVITE' && message.status >= 200 && message.status < 300) options.onInviteSuccess?.(message)
    waiting.get(`${branchOf(message)} ${method}`)?.(message)
  })

  function answer(request: SipMessage): void {
    const { status, reason, headers = [], body = '' } = options.onRequest(request)
    if (request.method === 'ACK') return
    const copied = request.headers.filter(([name]) =>
      ['via', 'from', 'call-id', 'cseq', 'record-route', 'to'].includes(name),
    )
    transport.send(
      formatSip({ status, reason, headers: [...copied, ...headers], body }),
      replyTo(header(request, 'via')),
    )
  }

  function replyTo(via: string): { host: string; port: number } | undefined {
    const port = /;rport=(\d+)/.exec(via)?.[1] ?? /SIP\/2\.0\/UDP\s+[^:;\s]+:(\d+)/i.exec(via)?.[1]
    return transport.reliable || !port ? undefined : { host: '127.0.0.1', port: Number(port) }
  }

  function withVia(request: SipMessage, branch: string): SipMessage {
    const sentBy = `SIP/2.0/${options.transport.toUpperCase()} 127.0.0.1:${transport.localPort}`
    return { ...request, headers: [['via', `${sentBy};branch=${branch};rport`], ...request.headers] }
  }

  async function request(
    message: SipMessage,
    { to, onProvisional, branch = newBranch() }: RequestOptions = {},
  ): Promise<SipMessage> {
    const complete = withVia(message, branch)
    const text = formatSip(complete)
    const key = `${branch} ${message.method}`
    return await new Promise<SipMessage>((resolve, reject) => {
      let waitMs = T1_MS
      let repeat: NodeJS.Timeout | undefined
      const limit = setTimeout(
        () => finish(() => reject(new Error(`no final response to ${message.method}`))),
        TRANSACTION_LIMIT_MS,
      )
      const finish = (how: () => void) => {
        clearTimeout(limit)
        clearTimeout(repeat)
        waiting.delete(key)
        how()
      }
      waiting.set(key, (response) => {
        if ((response.status ?? 0) < 200) {
          if (message.method === 'INVITE') clearTimeout(repeat)
          onProvisional?.(response)
          return
        }
        if (message.method === 'INVITE' && (response.status ?? 0) >= 300) acknowledge(complete, response, to)
        finish(() => resolve(response))
      })
      const again = () => {
        transport.send(text, to)
        waitMs = message.method === 'INVITE' ? waitMs * 2 : Math.min(waitMs * 2, 8 * T1_MS)
        repeat = setTimeout(again, waitMs)
      }
      transport.send(text, to)
      if (!transport.reliable) repeat = setTimeout(again, waitMs)
    })
  }

  /** The ACK of a refusal belongs to the INVITE's own transaction (RFC 3261 §17.1.1.3). */
  function acknowledge(invite: SipMessage, response: SipMessage, to: RequestOptions['to']): void {
    const kept = invite.headers.filter(([name]) => ['via', 'from', 'call-id', 'max-forwards', 'route'].includes(name))
    const number = header(invite, 'cseq').split(/\s+/)[0]
    const headers: [string, string][] = [...kept, ['to', header(response, 'to')], ['cseq', `${number} ACK`]]
    transport.send(formatSip({ method: 'ACK', uri: invite.uri ?? '', headers, body: '' }), to)
  }

  return {
    localPort: transport.localPort,
    request,
    send: (message, to) => transport.send(formatSip(withVia(message, newBranch())), to),
    close: () => transport.close(),
  }
}

function branchOf(message: SipMessage): string {
  return /;branch=([^;,\s]+)/.exec(header(message, 'via'))?.[1] ?? ''
}
