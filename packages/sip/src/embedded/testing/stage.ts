import { createSrf, type SrfConnection } from '../../call-control/drachtio.js'
import { createSignalingServer, type SignalingServer, type SignalingServerOptions } from '../core/signaling-server.js'
import type { Timing } from '../transaction/timing.js'

/** A tenth of the usual timers and less: tests that wait for them stay quick. */
export const QUICK: Timing = { t1Ms: 20, t2Ms: 80, t4Ms: 100 }

export const SILENT_LOG = { debug() {}, info() {}, warn() {}, error() {} }

/** A server with the unmodified drachtio-srf connected to it, on ports that the system chose. */
export interface Stage {
  readonly server: SignalingServer
  readonly srf: SrfConnection
  readonly sipPort: number
  readonly drachtioPort: number
  /** Resolves when so many methods are routed. */
  routed(count: number): Promise<void>
  /** Resolves when the server holds no call, dialog or transaction any more. */
  quiet(withinMs?: number): Promise<void>
  close(): Promise<void>
}

export async function openStage(options: Partial<SignalingServerOptions> = {}): Promise<Stage> {
  const server = createSignalingServer({
    host: '127.0.0.1',
    sipPort: 0,
    drachtioPort: 0,
    secret: 'a secret',
    log: SILENT_LOG,
    ...options,
  })
  const ports = await server.listen()
  const srf = await connectSrf(ports.drachtioPort)
  // Routed before anyone calls: a handler added later needs no message of its own.
  srf.use('invite', (_request, _response, next) => next())
  const routed = (count: number) => until(() => server.counts().routes === count)
  await routed(1)
  return {
    routed,
    server,
    srf,
    ...ports,
    async quiet(withinMs = 8000) {
      const deadline = Date.now() + withinMs
      for (;;) {
        const { serverTransactions, clientTransactions, dialogs, requests } = server.counts()
        if (serverTransactions + clientTransactions + dialogs + requests === 0) return
        if (Date.now() > deadline) throw new Error(`still held: ${JSON.stringify(server.counts())}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    async close() {
      disconnect(srf)
      await server.close()
    },
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let n = 0; n < 500 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 10))
  if (!holds()) throw new Error('it did not come to pass within five seconds')
}

/** A connected drachtio-srf. */
export async function connectSrf(drachtioPort: number): Promise<SrfConnection> {
  const srf = createSrf()
  srf.on('error', () => {})
  srf.connect({ host: '127.0.0.1', port: drachtioPort, secret: 'a secret' })
  await new Promise<void>((resolve, reject) => {
    srf.on('connect', (error) => (error ? reject(error) : resolve()))
  })
  return srf
}

/** Disconnects, also when the connection is gone already. */
export function disconnect(srf: SrfConnection): void {
  try {
    srf.disconnect()
  } catch {
    // There is no socket any more.
  }
}
