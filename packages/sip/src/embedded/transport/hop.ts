/** Where a message goes to or came from. */
export interface Hop {
  readonly proto: 'udp' | 'tcp'
  readonly address: string
  readonly port: number
  /** TCP: the connection that this hop was seen on; used while it lasts. */
  readonly connection?: number
}

/** True for transports that do not lose messages, RFC 3261 §17. */
export function isReliable(hop: Hop): boolean {
  return hop.proto !== 'udp'
}
