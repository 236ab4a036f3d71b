import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { parseSip, type SipMessage } from './message.js'

export type TransportName = 'udp' | 'tcp'

/** One SIP socket towards one server. */
export interface SipTransport {
  readonly localPort: number
  readonly reliable: boolean
  /** Sends a message; over UDP to another place than the server where one is given. */
  send(text: string, to?: { host: string; port: number }): void
  close(): void
}

const HOST = '127.0.0.1'
const CONNECT_LIMIT_MS = 5000

/** Opens a socket on loopback; every message that comes in whole goes to `onMessage`, with the text as it came. */
export async function openTransport(
  name: TransportName,
  serverPort: number,
  onMessage: (message: SipMessage) => void,
): Promise<SipTransport> {
  return name === 'udp' ? openUdp(serverPort, onMessage) : openTcp(serverPort, onMessage)
}

async function openUdp(serverPort: number, onMessage: (message: SipMessage) => void): Promise<SipTransport> {
  const socket = createSocket('udp4')
  socket.bind(0, HOST)
  await once(socket, 'listening')
  // A server that is gone answers with ICMP: the transaction's own limit tells.
  socket.on('error', () => {})
  socket.on('message', (bytes) => {
    const message = parseSip(bytes.toString())
    if (message) onMessage(message)
  })
  let closed = false
  return {
    localPort: socket.address().port,
    reliable: false,
    send: (text, to) => {
      if (!closed) socket.send(text, to?.port ?? serverPort, to?.host ?? HOST)
    },
    close: () => {
      if (!closed) socket.close()
      closed = true
    },
  }
}

async function openTcp(serverPort: number, onMessage: (message: SipMessage) => void): Promise<SipTransport> {
  const socket = connect({ host: HOST, port: serverPort, noDelay: true })
  await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_LIMIT_MS) })
  socket.on('error', () => {})
  let pending = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    for (;;) {
      const end = pending.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = /^(?:content-length|l)\s*:\s*(\d+)/im.exec(pending.toString('latin1', 0, end + 2))?.[1]
      const size = end + 4 + Number(length ?? 0)
      if (pending.length < size) return
      const message = parseSip(pending.toString('utf8', 0, size).replace(/^(\r\n)+/, ''))
      pending = pending.subarray(size)
      if (message) onMessage(message)
    }
  })
  return {
    localPort: socket.localPort ?? 0,
    reliable: true,
    send: (text) => void socket.write(text),
    close: () => socket.destroy(),
  }
}
