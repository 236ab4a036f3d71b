import net from 'node:net'
import type { Hop } from './hop.js'
import { createStreamFramer } from './stream.js'

/** A listening TCP socket for SIP with the connections it took and made. */
export interface TcpTransport {
  readonly port: number
  readonly connections: number
  /** Sends on the hop's own connection, else on one to the same address, else on a new one (RFC 3261 §18.1.1, §18.2.2). */
  send(hop: Hop, wire: string, onError: (error: Error) => void): void
  close(): Promise<void>
}

export interface TcpSettings {
  /** Most connections at a time; more are closed at once. */
  readonly maxConnections: number
  /** A connection without traffic for so long is closed, in ms. */
  readonly idleMs: number
  /** Time to connect, in ms. */
  readonly connectMs: number
  /** A message that has begun must be whole within this time, in ms. */
  readonly messageMs: number
  /** Unsent bytes after which a peer counts as stuck. */
  readonly maxQueuedBytes: number
}

export const TCP_SETTINGS: TcpSettings = {
  maxConnections: 2000,
  idleMs: 3_600_000,
  connectMs: 5000,
  messageMs: 10_000,
  maxQueuedBytes: 1024 * 1024,
}

interface Connection {
  readonly id: number
  readonly socket: net.Socket
  readonly hop: Hop
}

/** Listens on host:port. Rejects when the port is taken. */
export async function openTcp(
  host: string,
  port: number,
  onMessage: (bytes: Buffer, from: Hop) => void,
  onError: (error: Error) => void,
  settings: TcpSettings = TCP_SETTINGS,
): Promise<TcpTransport> {
  const byId = new Map<number, Connection>()
  const byPeer = new Map<string, Connection>()
  let lastId = 0

  function adopt(socket: net.Socket, address: string, peerPort: number): Connection {
    const id = ++lastId
    const connection: Connection = { id, socket, hop: { proto: 'tcp', address, port: peerPort, connection: id } }
    const peer = `${address}|${peerPort}`
    const framer = createStreamFramer()
    let partTimer: NodeJS.Timeout | undefined
    byId.set(id, connection)
    byPeer.set(peer, connection)
    socket.setNoDelay(true)
    socket.setTimeout(settings.idleMs, () => socket.destroy())
    socket.on('data', (chunk) => {
      for (const item of framer.push(chunk)) {
        if (item.kind === 'message') onMessage(item.bytes, connection.hop)
        else if (item.kind === 'ping') socket.write('\r\n')
        else socket.destroy()
      }
      if (framer.pendingBytes === 0) {
        clearTimeout(partTimer)
        partTimer = undefined
      } else partTimer ??= setTimeout(() => socket.destroy(), settings.messageMs)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(partTimer)
      byId.delete(id)
      if (byPeer.get(peer) === connection) byPeer.delete(peer)
    })
    return connection
  }

  function dial(hop: Hop, onFailure: (error: Error) => void): Connection | null {
    if (byId.size >= settings.maxConnections) {
      onFailure(new Error('too many TCP connections'))
      return null
    }
    const socket = net.connect({ host: hop.address, port: hop.port })
    const timer = setTimeout(() => socket.destroy(new Error('TCP connect timed out')), settings.connectMs)
    socket.once('connect', () => clearTimeout(timer))
    socket.once('close', () => clearTimeout(timer))
    return adopt(socket, hop.address, hop.port)
  }

  const server = net.createServer((socket) => {
    const address = socket.remoteAddress?.replace(/^::ffff:/, '')
    if (address === undefined || socket.remotePort === undefined || byId.size >= settings.maxConnections) {
      socket.destroy()
      return
    }
    adopt(socket, address, socket.remotePort)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', onError)
  const bound = server.address()

  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    get connections() {
      return byId.size
    },
    send(hop, wire, failed) {
      const own = hop.connection === undefined ? undefined : byId.get(hop.connection)
      const connection = own ?? byPeer.get(`${hop.address}|${hop.port}`) ?? dial(hop, failed)
      if (!connection) return
      const { socket } = connection
      if (socket.destroyed || socket.writableLength > settings.maxQueuedBytes) {
        socket.destroy()
        failed(new Error('TCP connection is gone'))
        return
      }
      socket.write(wire, (error) => {
        if (error) failed(error)
      })
    },
    async close() {
      for (const { socket } of byId.values()) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
