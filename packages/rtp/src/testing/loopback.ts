import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { G711Codec } from '@hotline/audio'
import type { RtpStreamOptions } from '../media-contract.js'
import { RtpStream } from '../media-stream.js'
import { Pacer } from '../pacer.js'
import { serializeRtp } from '../packet.js'
import { PortPool } from '../port-pool.js'

/** Streams and bare peers on loopback, for tests with real sockets. */

const log = { debug() {}, info() {}, warn() {} }
export const pacer = new Pacer()
const pool = new PortPool({ host: '127.0.0.1', minPort: 42_000, maxPort: 42_999, quarantineMs: 0 })
const streams: RtpStream[] = []
const sockets: Socket[] = []

/** A stream of its own ports. */
export async function open(options: Partial<RtpStreamOptions> = {}): Promise<{ stream: RtpStream; port: number }> {
  const ports = await pool.reserve()
  const stream = new RtpStream({
    ports,
    pacer,
    codec: 'PCMU',
    payloadType: 0,
    dtmfPayloadType: 101,
    remote: null,
    direction: 'sendrecv',
    log,
    ...options,
  })
  streams.push(stream)
  return { stream, port: ports.rtpPort }
}

/** Two streams that know each other's address. */
export async function pair(codec: G711Codec = 'PCMU') {
  const payloadType = codec === 'PCMU' ? 0 : 8
  const a = await open({ codec, payloadType })
  const b = await open({ codec, payloadType, remote: { address: '127.0.0.1', port: a.port } })
  a.stream.update({ remote: { address: '127.0.0.1', port: b.port } })
  return { a: a.stream, b: b.stream }
}

/** A bare peer that sends packets by hand. */
export async function peer(): Promise<{
  socket: Socket
  port: number
  send(to: number, sequenceNumber: number, ssrc?: number): void
}> {
  const socket = createSocket('udp4')
  sockets.push(socket)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    socket,
    port: socket.address().port,
    send(to, sequenceNumber, ssrc = 7) {
      const payload = new Uint8Array(160).fill(0x90)
      const packet = { payloadType: 0, marker: false, sequenceNumber, timestamp: sequenceNumber * 160, ssrc }
      socket.send(serializeRtp({ ...packet, csrcs: [], extension: null, payload, paddingBytes: 0 }), to, '127.0.0.1')
    },
  }
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export async function until(condition: () => boolean, limitMs = 5000): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    if (waitedMs > limitMs) throw new Error('condition not met in time')
    await sleep(5)
  }
}

/** Closes what the test opened; answers with what is still up, which should be nothing. */
export async function closeAll(): Promise<{ calls: number; ports: number }> {
  await Promise.all(streams.splice(0).map((stream) => stream.close()))
  for (const socket of sockets.splice(0)) socket.close()
  return { calls: pacer.size, ports: pool.used }
}
