import { createSocket, type Socket } from 'node:dgram'
import { isIP } from 'node:net'

/** Socket buffers hold a few hundred packets, so that a busy moment loses none. */
const RECEIVE_BUFFER_BYTES = 128 * 1024

export interface PortPoolOptions {
  /** Address that sockets bind, IPv4 or IPv6. */
  host: string
  /** Range of ports, both ends included; pairs begin at even ports (RFC 3550 §11). */
  minPort: number
  maxPort: number
  /** How long a used pair rests, so that a late packet of the last call does not reach the next one. */
  quarantineMs: number
  /** Monotonic milliseconds; tests put their own in its place. */
  now?: () => number
}

/** Two bound UDP sockets: RTP on an even port, RTCP on the next. */
export interface PortPair {
  host: string
  rtpPort: number
  rtcpPort: number
  rtp: Socket
  rtcp: Socket
  /** Closes both sockets and puts the ports into quarantine. Safe to call again. */
  release(): Promise<void>
}

/** No port pair is free: the call must be refused (SIP 503 with Retry-After). */
export class PortsExhaustedError extends Error {
  override name = 'PortsExhaustedError'
  readonly code = 'rtp_ports_exhausted'
}

/**
 * RTP port pairs for calls. A pair is taken in the same instant as `reserve` is called, before anything is awaited,
 * so a burst of calls never picks the same port twice.
 */
export class PortPool {
  readonly #options: PortPoolOptions
  readonly #now: () => number
  /** Even ports free to use, longest unused first. */
  readonly #free: number[] = []
  /** Even ports at rest, in the order in which they may return. */
  readonly #resting: { port: number; untilMs: number }[] = []
  #used = 0

  constructor(options: PortPoolOptions) {
    const { host, minPort, maxPort } = options
    if (isIP(host) === 0) throw new RangeError(`RTP address must be an IP address, got ${host}`)
    if (!Number.isInteger(minPort) || !Number.isInteger(maxPort) || minPort < 1 || maxPort > 65535) {
      throw new RangeError(`RTP ports must lie between 1 and 65535, got ${minPort}-${maxPort}`)
    }
    for (let port = minPort + (minPort & 1); port + 1 <= maxPort; port += 2) this.#free.push(port)
    if (this.#free.length === 0) throw new RangeError(`no even and odd port pair in ${minPort}-${maxPort}`)
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Pairs that calls hold now. */
  get used(): number {
    return this.#used
  }

  /** Pairs that could be reserved now. */
  get free(): number {
    this.#endQuarantines()
    return this.#free.length
  }

  /** Binds a pair. Ports that somebody else holds are skipped; `PortsExhaustedError` when none is left. */
  async reserve(): Promise<PortPair> {
    let port = this.#take()
    for (;;) {
      try {
        return await this.#bind(port)
      } catch (error) {
        this.#used--
        this.#rest(port)
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
        port = this.#take()
      }
    }
  }

  #take(): number {
    this.#endQuarantines()
    const port = this.#free.shift()
    if (port === undefined) {
      throw new PortsExhaustedError(`no RTP port pair is free (${this.#used} in use, ${this.#resting.length} resting)`)
    }
    this.#used++
    return port
  }

  #rest(port: number): void {
    this.#resting.push({ port, untilMs: this.#now() + this.#options.quarantineMs })
  }

  #endQuarantines(): void {
    const now = this.#now()
    while (this.#resting.length > 0 && (this.#resting[0] as { untilMs: number }).untilMs <= now) {
      this.#free.push((this.#resting.shift() as { port: number }).port)
    }
  }

  async #bind(rtpPort: number): Promise<PortPair> {
    const { host } = this.#options
    const [rtp, rtcp] = await Promise.allSettled([openSocket(host, rtpPort), openSocket(host, rtpPort + 1)])
    if (rtp.status === 'rejected' || rtcp.status === 'rejected') {
      for (const socket of [rtp, rtcp]) if (socket.status === 'fulfilled') await closeSocket(socket.value)
      throw rtp.status === 'rejected' ? rtp.reason : (rtcp as PromiseRejectedResult).reason
    }
    let released: Promise<void> | undefined
    const release = (): Promise<void> => {
      released ??= Promise.all([closeSocket(rtp.value), closeSocket(rtcp.value)]).then(() => {
        this.#used--
        this.#rest(rtpPort)
      })
      return released
    }
    return { host, rtpPort, rtcpPort: rtpPort + 1, rtp: rtp.value, rtcp: rtcp.value, release }
  }
}

/** Addresses are IP literals by the time they reach a socket: no DNS, no detour through the event loop. */
function literalLookup(
  address: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, address, isIP(address))
}

function openSocket(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: isIP(host) === 6 ? 'udp6' : 'udp4', lookup: literalLookup })
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners('error')
      // Errors on a bound UDP socket (an ICMP answer, say) concern one datagram, never the process.
      socket.on('error', () => {})
      try {
        socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
      } catch {
        // The system's own size will do.
      }
      resolve(socket)
    })
  })
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.removeAllListeners('message')
    try {
      socket.close(() => resolve())
    } catch {
      // Closed already.
      resolve()
    }
  })
}
