import { createLog } from '@hotline/observability'
import { createSignalingServer } from '@hotline/sip'
import { readSettings } from './settings.js'

const log = createLog({ service: 'signaling', level: process.env.LOG_LEVEL ?? 'info' })

/** Time for BYEs to leave and sockets to close before the process ends anyway, in ms. */
const SHUTDOWN_MS = 3000

try {
  const { host, sipPort, drachtioPort, secret } = readSettings(process.env)
  const server = createSignalingServer({ host, sipPort, drachtioPort, secret, log })
  const ports = await server.listen()
  log.info({ host, ...ports }, 'signaling is up')

  let stopping = false
  const stop = (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal, ...server.counts() }, 'signaling stops')
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref()
    server.close().catch((error: unknown) => log.error({ err: error }, 'signaling did not close cleanly'))
  }
  // For operators and leak tests: everything the server holds, on one line.
  process.on('SIGUSR2', () => log.info(server.counts(), 'counts'))
  process.once('SIGTERM', () => stop('SIGTERM'))
  process.once('SIGINT', () => stop('SIGINT'))
} catch (error) {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    log.fatal({ err: error }, 'a port of the signaling server is in use: set HOTLINE_SIP_PORT or DRACHTIO_PORT')
  } else log.fatal({ err: error }, 'signaling could not start')
  process.exitCode = 1
}
