import type { ApplicationPort } from '../application/port.js'
import type { Dialog } from '../dialog/dialog.js'
import type { Dialogs } from '../dialog/dialogs.js'
import type { Clock } from '../transaction/clock.js'
import type { Timing } from '../transaction/timing.js'
import type { Hop } from '../transport/hop.js'
import type { ClientTransactions } from './client-transactions.js'
import type { ServerTransactions } from './server-transactions.js'

/** Where the server writes what goes wrong: the part of pino's interface that it uses. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Bounds of the server as a whole. */
export interface Limits {
  readonly maxTransactions: number
  readonly maxDialogs: number
  /** Longest wait for the final response to an INVITE, in ms. */
  readonly ringMs: number
}

/** What the parts of the server share. */
export interface Core {
  readonly clock: Clock
  readonly timing: Timing
  readonly limits: Limits
  readonly log: Log
  readonly dialogs: Dialogs
  readonly servers: ServerTransactions
  readonly clients: ClientTransactions
  /** Set once the sockets are open. */
  applications: ApplicationPort
  send(hop: Hop, wire: string, onError?: (error: Error) => void): void
  /** Address and port that a peer behind this hop can reach the server at. */
  localAddress(hop: Hop): { address: string; port: number }
  /** A token that only this process can make for a Call-ID. */
  routeToken(callId: string): string
  /** True when host and port name this server. */
  isLocal(host: string, port: number | undefined): boolean
  /** Reports a call detail record to the applications that asked for it. */
  cdr(kind: 'attempt' | 'start' | 'stop', source: 'network' | 'application', extra: string, wire: string): void
  /** Hangs up from the server's side and tells the application, RFC 3261 §13.3.1.4 and RFC 4028 §10. */
  hangUp(dialog: Dialog, reason: string): void
}
