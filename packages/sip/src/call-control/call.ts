import type { SafeEmitter } from './emitter.js'

/** Why a call ended that this side did not hang up. */
export type ByeCause = 'remote' | 'ack-timeout' | 'session-expired' | 'signaling-lost' | 'signaling'

/** How to answer an offer in mid-call. The first of the two counts; neither within ten seconds is a 500. */
export interface ReinviteResponder {
  accept(sdp: string): void
  reject(status: number): void
}

export interface SipCallEvents {
  /** A new offer: re-INVITE, or UPDATE with a session description. `null`: the peer asks for our offer. */
  reinvite: [offer: string | null, respond: ReinviteResponder]
  /** The peer's answer to an offer that `accept` made. */
  answer: [sdp: string]
  /** The call is over, and not by `hangup`. */
  bye: [cause: ByeCause]
  /** An INFO that is not DTMF; it has been answered with 200. */
  info: [contentType: string, body: string]
  /** A key of INFO application/dtmf-relay or application/dtmf; its length in ms where the peer tells it. */
  dtmf: [digit: string, durationMs: number | undefined]
}

/** A call that is up. */
export interface SipCall extends Pick<SafeEmitter<SipCallEvents>, 'on' | 'once' | 'off'> {
  readonly callId: string
  /** The peer's latest session description. */
  readonly remoteSdp: string
  readonly ended: boolean
  /** Sends BYE. Resolves when it is answered, or after five seconds; never rejects, and may be repeated. */
  hangup(headers?: Record<string, string>): Promise<void>
  /** Sends a re-INVITE and resolves to the peer's answer; waits and tries again on 491. Rejects with `CallFailed`. */
  modify(sdp: string): Promise<string>
}

/** A call that rings here. */
export interface IncomingCall {
  readonly callId: string
  /** From and To as written. */
  readonly from: string
  readonly to: string
  /** User part of the Request-URI, escapes resolved. */
  readonly user: string
  /** Header fields by lower-case name (names that begin with X- as written). */
  readonly headers: Readonly<Record<string, string>>
  /** The offer; null when the caller wants ours (late offer). */
  readonly offerSdp: string | null
  /** Aborted by CANCEL, or when signaling fails before the final answer. */
  readonly signal: AbortSignal
  /** Sends 180. */
  ringing(): void
  /** Refuses the call with a status from 300 to 699. Harmless after a final answer. */
  reject(status: number, reason?: string, headers?: Record<string, string>): void
  /** Sends 200 and resolves when the ACK is there. Rejects with `CallFailed` when it never comes, or with the call cancelled. */
  answer(sdp: string): Promise<SipCall>
}

/** What an outgoing call needs. */
export interface PlaceCallOptions {
  /** `sip:` URI to call. */
  readonly uri: string
  /** From: a URI or name-addr; the host `localhost` stands for this server. */
  readonly from: string
  /** Our offer. */
  readonly localSdp: string
  readonly auth?: { readonly username: string; readonly password: string }
  readonly headers?: Readonly<Record<string, string>>
  /** Aborting it cancels the call while it rings. */
  readonly signal: AbortSignal
}

/** A call or a request in it failed; `status` is the SIP status, 0 where there was none. */
export class CallFailed extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
  ) {
    super(status === 0 ? reason : `${status} ${reason}`)
    this.name = 'CallFailed'
  }
}
