import Srf from 'drachtio-srf'

/** The parts of drachtio-srf that call control uses, typed as they behave; its own declarations leave much out. */
export interface SrfMessage {
  readonly body: string | undefined
  readonly headers: Record<string, string>
  readonly payload?: readonly { readonly type: string | null; readonly content?: string }[]
  get(name: string): string | undefined
  has(name: string): boolean
}

export interface SrfRequest extends SrfMessage {
  readonly method: string
  readonly uri: string
  on(event: 'cancel', listener: () => void): unknown
  on(event: 'response', listener: (response: SrfResponse, ack: (opts?: SendOptions) => void) => void): unknown
  cancel(callback?: (error: Error | null) => void): void
}

export interface SrfResponse extends SrfMessage {
  readonly status: number
  readonly reason: string
  readonly finalResponseSent: boolean
  send(status: number, opts?: SendOptions): void
  send(status: number, reason: string, opts?: SendOptions): void
}

export interface SendOptions {
  headers?: Record<string, string>
  body?: string
}

export interface SrfDialog {
  readonly id: string
  readonly sip: { readonly callId: string }
  readonly local: { sdp: string }
  readonly remote: { sdp: string }
  on(event: 'destroy', listener: (request: SrfMessage, reason?: string) => void): unknown
  on(
    event: 'modify' | 'info' | 'update' | 'refer',
    listener: (request: SrfRequest, response: SrfResponse) => void,
  ): unknown
  on(event: 'ack', listener: (request: SrfMessage) => void): unknown
  destroy(opts: { headers?: Record<string, string> }, callback: (error?: Error | null) => void): void
  request(
    opts: { method: string; body?: string; headers?: Record<string, string> },
    callback: (error: Error | null, response?: SrfResponse) => void,
  ): void
}

export interface UacOptions {
  localSdp: string
  headers: Record<string, string>
  auth?: { username: string; password: string }
}

/** One connection to the signaling server. */
export interface SrfConnection {
  connect(options: object): void
  disconnect(): void
  on(event: 'connect', listener: (error: Error | null, hostports: string) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'close', listener: () => void): unknown
  invite(handler: (request: SrfRequest, response: SrfResponse) => void): void
  options(handler: (request: SrfRequest, response: SrfResponse) => void): void
  use(method: string, handler: (request: SrfRequest, response: SrfResponse, next: () => void) => void): void
  request(
    uri: string,
    options: {
      method: string
      headers?: Record<string, string>
      body?: string
      auth?: { username: string; password: string }
    },
    callback: (error: Error | null, request?: SrfRequest) => void,
  ): void
  createUAS(
    request: SrfRequest,
    response: SrfResponse,
    options: { localSdp: string; headers?: Record<string, string> },
    callback: (error: Error | null, dialog?: SrfDialog) => void,
  ): void
  createUAC(
    uri: string,
    options: UacOptions,
    progress: {
      cbRequest: (error: Error | null, request?: SrfRequest) => void
      cbProvisional: (response: SrfResponse) => void
    },
    callback: (error: (Error & { status?: number; reason?: string }) | null, dialog?: SrfDialog) => void,
  ): void
}

/** A drachtio-srf that has not connected yet. */
export function createSrf(): SrfConnection {
  return new Srf() as unknown as SrfConnection
}
