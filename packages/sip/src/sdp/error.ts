/**
 * A session description that cannot be used. `sipStatus` is the answer to its INVITE: 400 for what breaks the
 * grammar, 488 for what is well-formed and cannot be accepted (RFC 3261 §21.4.26).
 */
export class SdpError extends Error {
  override name = 'SdpError'
  readonly sipStatus: 400 | 488

  constructor(sipStatus: 400 | 488, message: string) {
    super(message)
    this.sipStatus = sipStatus
  }
}
