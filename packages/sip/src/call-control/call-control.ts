import { EventEmitter } from 'node:events'
import type { Log } from '../embedded/index.js'
import { CallFailed, type IncomingCall, type PlaceCallOptions, type SipCall } from './call.js'
import { createSrf, type SrfConnection, type SrfRequest, type SrfResponse } from './drachtio.js'
import { createIncomingCall } from './incoming-call.js'
import { placeCall } from './outgoing-call.js'
import type { OwnedCall } from './sip-call.js'

export interface CallControlOptions {
  /** Address of the signaling server's application port. */
  readonly host: string
  readonly port: number
  readonly secret: string
  readonly log: Log
  /** A call rings. What it throws refuses the call with 500. */
  onCall(call: IncomingCall): void
}

interface CallControlEvents {
  /** Signaling is there; the addresses that it serves, as `udp/host:port,tcp/host:port`. */
  connect: [hostports: string]
  /** Signaling is gone; calls that were up have ended with `signaling-lost`. */
  disconnect: []
}

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 5000

/** Calls over drachtio-srf: connects to a signaling server, and does so again whenever the connection is lost. */
export class CallControl extends EventEmitter<CallControlEvents> {
  readonly #options: CallControlOptions
  readonly #calls = new Set<OwnedCall>()
  readonly #ringing = new Set<(reason: string) => void>()
  #srf: SrfConnection | undefined
  #retry: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #connected = false
  #wanted = false

  constructor(options: CallControlOptions) {
    super()
    this.#options = options
  }

  /** True while calls can come and go. */
  get connected(): boolean {
    return this.#connected
  }

  /** Calls that are up or ring, for leak checks. */
  get size(): number {
    return this.#calls.size + this.#ringing.size
  }

  /** Connects, and keeps connected with a back-off from 0.2 s to 5 s. */
  connect(): void {
    if (this.#wanted) return
    this.#wanted = true
    this.#open()
  }

  /** Lets go of signaling; the signaling server hangs up what is still up. */
  disconnect(): void {
    this.#wanted = false
    clearTimeout(this.#retry)
    this.#retry = undefined
    const srf = this.#srf
    if (srf) {
      this.#lost(srf)
      close(srf)
    }
  }

  /** Places a call; resolves when it is answered. Rejects with `CallFailed`. */
  placeCall(options: PlaceCallOptions): Promise<SipCall> {
    const srf = this.#srf
    if (!srf || !this.#connected) return Promise.reject(new CallFailed(503, 'no signaling server'))
    return placeCall(this.#context(srf), options)
  }

  #context(srf: SrfConnection) {
    return {
      srf,
      log: this.#options.log,
      onAnswered: (call: OwnedCall) => void this.#calls.add(call),
      onCallEnd: (call: OwnedCall) => void this.#calls.delete(call),
      onRinging: (abort: (reason: string) => void) => {
        this.#ringing.add(abort)
        return () => void this.#ringing.delete(abort)
      },
    }
  }

  #open(): void {
    const { host, port, secret, log } = this.#options
    const srf = createSrf()
    this.#srf = srf
    srf.on('error', (error) => log.debug({ err: error }, 'signaling connection failed'))
    srf.on('close', () => this.#lost(srf))
    srf.on('connect', (error, hostports) => {
      if (this.#srf !== srf) {
        close(srf)
        return
      }
      if (error) {
        log.error({ err: error }, 'the signaling server refused this application')
        return
      }
      this.#connected = true
      this.#retryMs = FIRST_RETRY_MS
      log.info({ hostports }, 'signaling connected')
      this.#tell(() => this.emit('connect', hostports))
    })
    srf.invite((request, response) => this.#onInvite(srf, request, response))
    srf.options((_request, response) =>
      response.send(200, {
        headers: { Accept: 'application/sdp', Allow: 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE' },
      }),
    )
    // The back-off is this class's own: a fresh srf for every attempt, so that nothing of the last one lingers.
    srf.connect({ host, port, secret, reconnect: { maxAttempts: 1 }, enablePing: true, pingInterval: 15_000 })
  }

  #onInvite(srf: SrfConnection, request: SrfRequest, response: SrfResponse): void {
    const { log, onCall } = this.#options
    try {
      const context = this.#context(srf)
      const incoming = createIncomingCall(context, request, response)
      if (!incoming) return
      const quiet = context.onRinging(incoming.abort)
      incoming.settled.then(quiet, quiet)
      onCall(incoming.call)
    } catch (error) {
      log.error({ err: error }, 'an incoming call could not be handled')
      if (!response.finalResponseSent) response.send(500)
    }
  }

  #lost(srf: SrfConnection): void {
    if (this.#srf !== srf) return
    this.#srf = undefined
    const was = this.#connected
    this.#connected = false
    for (const abort of [...this.#ringing]) abort('signaling lost')
    for (const call of [...this.#calls]) call.lose()
    if (was) {
      this.#options.log.warn({ calls: this.#calls.size }, 'signaling disconnected')
      this.#tell(() => this.emit('disconnect'))
    }
    if (!this.#wanted) return
    this.#retry = setTimeout(() => this.#open(), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS)
  }

  #tell(emit: () => void): void {
    try {
      emit()
    } catch (error) {
      this.#options.log.error({ err: error }, 'a listener failed')
    }
  }
}

/** Closes a connection; one that was never made has no socket, and drachtio-srf asserts that. */
function close(srf: SrfConnection): void {
  try {
    srf.disconnect()
  } catch {
    // Its attempt to connect ends by itself, and the connect handler closes it if it should succeed.
  }
}
