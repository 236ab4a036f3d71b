import { createHmac, randomBytes } from 'node:crypto'
import type { Application } from '../application/application.js'
import type { Command } from '../application/command.js'
import { cdrNotice } from '../application/notice.js'
import { openApplicationPort } from '../application/port.js'
import type { Dialog } from '../dialog/dialog.js'
import { createDialogs } from '../dialog/dialogs.js'
import { formatHost } from '../message/uri.js'
import { type Clock, systemClock } from '../transaction/clock.js'
import { RFC_TIMING, type Timing } from '../transaction/timing.js'
import type { Hop } from '../transport/hop.js'
import { openTransport, type Transport } from '../transport/transport.js'
import { createClientTransactions } from './client-transactions.js'
import type { Core, Limits, Log } from './core.js'
import { sendCancel, sendDialogRequest } from './dialog-out.js'
import { abandonApplication, hangUp } from './hang-up.js'
import { receiveRequest } from './inbound.js'
import { advertisedAddress } from './local.js'
import type { Outgoing } from './outgoing.js'
import { proxyRequest } from './proxy.js'
import { receiveMessage } from './receive.js'
import { sendNewRequest } from './request-out.js'
import { sendResponse } from './respond.js'
import { createServerTransactions } from './server-transactions.js'

export interface SignalingServerOptions {
  /** Address to bind for SIP, UDP and TCP. */
  readonly host: string
  /** Port for SIP; 0 lets the system choose. */
  readonly sipPort: number
  /** Address to bind for applications; 127.0.0.1 unless given. */
  readonly drachtioHost?: string
  /** Port for applications; 0 lets the system choose. */
  readonly drachtioPort: number
  readonly secret: string
  readonly log: Log
  /** Base timers, for tests over lossy links. */
  readonly timing?: Timing
  readonly limits?: Partial<Limits>
  /** For tests: a clock of their own. */
  readonly clock?: Clock
  /** For tests: decides which datagrams and messages are really sent. */
  readonly filter?: (hop: Hop, wire: string) => boolean
}

/** How much the server holds: all zero but the last two when no call is up and every timer has run out. */
export interface SignalingCounts {
  readonly serverTransactions: number
  readonly clientTransactions: number
  readonly dialogs: number
  readonly requests: number
  readonly connections: number
  readonly applications: number
  /** Methods that applications asked for, all together: above zero, calls can be answered. */
  readonly routes: number
}

/** A SIP server that speaks the drachtio protocol to drachtio-srf applications. */
export interface SignalingServer {
  /** Opens the ports; rejects when one is taken. Returns the ports in use. */
  listen(): Promise<{ sipPort: number; drachtioPort: number }>
  close(): Promise<void>
  counts(): SignalingCounts
}

const LIMITS: Limits = { maxTransactions: 50_000, maxDialogs: 10_000, ringMs: 180_000 }

/** Creates the server; nothing is open before `listen`. */
export function createSignalingServer(options: SignalingServerOptions): SignalingServer {
  const { log } = options
  const timing = options.timing ?? RFC_TIMING
  const outgoing = new Map<string, Outgoing>()
  const routeKey = randomBytes(32)
  let transport: Transport | undefined
  let core: Core | undefined

  function send(hop: Hop, wire: string, onError: (error: Error) => void = () => {}): void {
    if (options.filter && !options.filter(hop, wire)) return
    transport?.send(hop, wire, (error) => {
      log.debug({ err: error, proto: hop.proto }, 'a SIP message could not be sent')
      onError(error)
    })
  }

  const localAddress = (hop: Hop) => ({
    address: advertisedAddress(options.host, hop.address),
    port: transport?.port ?? options.sipPort,
  })

  function cdr(
    kind: 'attempt' | 'start' | 'stop',
    source: 'network' | 'application',
    extra: string,
    wire: string,
  ): void {
    for (const application of core?.applications.applications ?? []) {
      if (application.verbs.has(`cdr:${kind}`)) application.send(cdrNotice(kind, source, extra, wire))
    }
  }

  function obey(current: Core, application: Application, command: Command): void {
    if (command.kind === 'proxy') {
      proxyRequest(current, application, command)
      return
    }
    if (command.kind !== 'sip') return
    const { message, msgId, transactionId, dialogId } = command
    if (message.kind === 'response') sendResponse(current, application, msgId, transactionId, message)
    else if (message.method === 'CANCEL') sendCancel(outgoing, application, msgId, transactionId, message)
    else if (dialogId !== '') sendDialogRequest(current, outgoing, application, msgId, dialogId, message)
    else sendNewRequest(current, outgoing, application, msgId, command.proxyUri, message)
  }

  return {
    async listen() {
      const clock = options.clock ?? systemClock
      const opened = {
        clock,
        timing,
        limits: { ...LIMITS, ...options.limits },
        log,
        dialogs: createDialogs(),
        servers: createServerTransactions(clock, timing, send),
        clients: createClientTransactions(clock, timing, send, localAddress),
        send,
        localAddress,
        routeToken: (callId: string) => createHmac('sha256', routeKey).update(callId).digest('hex').slice(0, 24),
        isLocal: (host: string, port: number | undefined) => {
          const local = advertisedAddress(options.host, host)
          return (host === local || host === 'localhost') && (port ?? 5060) === transport?.port
        },
        cdr,
        hangUp: (dialog: Dialog, reason: string) => hangUp(current, dialog, reason),
      }
      const applications = await openApplicationPort({
        host: options.drachtioHost ?? '127.0.0.1',
        port: options.drachtioPort,
        secret: options.secret,
        hostports: () => {
          const { address, port } = localAddress({ proto: 'udp', address: options.host, port: 0 })
          return `udp/${formatHost(address)}:${port},tcp/${formatHost(address)}:${port}`
        },
        onCommand: (application, command) => obey(current, application, command),
        onJoined: (application) => log.info({ application: application.id }, 'application connected'),
        onGone(application) {
          log.info({ application: application.id }, 'application disconnected')
          abandonApplication(current, outgoing, application)
        },
        onError: (error) => log.error({ err: error }, 'a command of an application failed'),
      })
      const current: Core = { ...opened, applications }
      core = current
      const receivers = {
        onRequest: (arrival: Parameters<typeof receiveRequest>[1]) => receiveRequest(current, arrival),
        onStrayResponse() {},
      }
      try {
        transport = await openTransport(
          options.host,
          options.sipPort,
          (bytes, source) => receiveMessage(current, bytes, source, receivers),
          (error) => log.error({ err: error }, 'SIP socket error'),
        )
      } catch (error) {
        await applications.close()
        throw error
      }
      return { sipPort: transport.port, drachtioPort: applications.port }
    },
    async close() {
      const current = core
      if (!current) return
      await current.applications.close()
      // Calls that were up have been hung up just now; a moment lets the BYEs leave.
      await new Promise((resolve) => setTimeout(resolve, 20))
      for (const entry of outgoing.values()) entry.stopRinging?.()
      outgoing.clear()
      current.servers.closeAll()
      current.clients.closeAll()
      for (const application of new Set(current.applications.applications)) {
        for (const dialog of current.dialogs.of(application)) current.dialogs.remove(dialog)
      }
      await transport?.close()
      transport = undefined
    },
    counts: () => ({
      serverTransactions: core?.servers.size ?? 0,
      clientTransactions: core?.clients.size ?? 0,
      dialogs: core?.dialogs.size ?? 0,
      requests: outgoing.size,
      connections: transport?.connections ?? 0,
      applications: core?.applications.applications.length ?? 0,
      routes: core?.applications.applications.reduce((sum, { verbs }) => sum + verbs.size, 0) ?? 0,
    }),
  }
}
