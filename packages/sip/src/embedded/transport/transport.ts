import type { Hop } from './hop.js'
import { openTcp, TCP_SETTINGS } from './tcp.js'
import { openUdp } from './udp.js'

/** UDP and TCP on one port. */
export interface Transport {
  readonly port: number
  readonly connections: number
  send(hop: Hop, wire: string, onError: (error: Error) => void): void
  close(): Promise<void>
}

/** Times to look for a port that is free for both protocols when the system chooses it. */
const PORT_TRIES = 20

/** Opens both protocols on host:port; port 0 takes one that is free for both. */
export async function openTransport(
  host: string,
  port: number,
  onMessage: (bytes: Buffer, from: Hop) => void,
  onError: (error: Error) => void,
): Promise<Transport> {
  for (let attempt = 1; ; attempt++) {
    const tcp = await openTcp(host, port, onMessage, onError, TCP_SETTINGS)
    try {
      const udp = await openUdp(host, tcp.port, onMessage, onError)
      return {
        port: udp.port,
        get connections() {
          return tcp.connections
        },
        send(hop, wire, failed) {
          if (hop.proto === 'udp') udp.send(hop, wire, failed)
          else tcp.send(hop, wire, failed)
        },
        async close() {
          await Promise.all([udp.close(), tcp.close()])
        },
      }
    } catch (error) {
      await tcp.close()
      if (port !== 0 || attempt >= PORT_TRIES) throw error
    }
  }
}
