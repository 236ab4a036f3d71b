import dgram from 'node:dgram'
import type { Hop } from './hop.js'

/** A bound UDP socket for SIP. */
export interface UdpTransport {
  readonly port: number
  send(hop: Hop, wire: string, onError: (error: Error) => void): void
  close(): Promise<void>
}

/** Room for bursts: a second's worth of calls while the process is busy. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

/** Binds host:port. Rejects when the port is taken. */
export async function openUdp(
  host: string,
  port: number,
  onDatagram: (bytes: Buffer, from: Hop) => void,
  onError: (error: Error) => void,
): Promise<UdpTransport> {
  const family = host.includes(':') ? 6 : 4
  const socket = dgram.createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    // Hops are numeric addresses: a look-up for every datagram would only cost time.
    lookup: (address, _options, found) => found(null, address, family),
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', reject)
      resolve()
    })
  })
  socket.on('error', onError)
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
  } catch {
    // The system's limit is lower: its default serves as well.
  }
  socket.on('message', (bytes, remote) => {
    onDatagram(bytes, { proto: 'udp', address: remote.address, port: remote.port })
  })
  return {
    port: socket.address().port,
    send(hop, wire, failed) {
      try {
        socket.send(wire, hop.port, hop.address, (error) => {
          if (error) failed(error)
        })
      } catch (error) {
        failed(error instanceof Error ? error : new Error(String(error)))
      }
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}
