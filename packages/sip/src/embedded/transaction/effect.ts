/** What a transaction asks its owner to do. `wire` is a message ready to send. */
export type TransactionEffect =
  /** Put this on the wire. */
  | { readonly kind: 'send'; readonly wire: string }
  /** Client INVITE: send the ACK for the latest non-2xx final response (RFC 3261 §17.1.1.3). */
  | { readonly kind: 'acknowledge' }
  /** Hand the response that came with this event to the transaction user. */
  | { readonly kind: 'deliver' }
  /** No answer (B, F), or no ACK (H), in time. */
  | { readonly kind: 'timeout' }
  /** The transport failed. */
  | { readonly kind: 'unreachable' }
  /** Forget the transaction. */
  | { readonly kind: 'terminated' }

/** The outcome of one event. */
export interface Step<State> {
  readonly state: State
  readonly effects: readonly TransactionEffect[]
}

export const NOTHING: readonly TransactionEffect[] = []
