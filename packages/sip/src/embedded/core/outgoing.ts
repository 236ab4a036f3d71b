import type { Application } from '../application/application.js'
import type { Dialog } from '../dialog/dialog.js'
import type { ClientTransaction } from './client-transactions.js'

/** A request that an application sent, until its final response. */
export interface Outgoing {
  /** What the application calls the transaction. */
  readonly id: string
  readonly application: Application
  readonly cseq: number
  /** True for a request outside of a dialog. */
  readonly initial: boolean
  cancelled: boolean
  readonly dialog: Dialog | undefined
  transaction: ClientTransaction | undefined
  finalSeen: boolean
  /** Stops the watch over an INVITE that rings too long. */
  stopRinging: (() => void) | undefined
}

/** Forgets it. */
export function forgetOutgoing(outgoing: Map<string, Outgoing>, entry: Outgoing): void {
  entry.stopRinging?.()
  entry.stopRinging = undefined
  outgoing.delete(entry.id)
}
