/** Why a worker did not do what it was asked. */
export type InferenceErrorKind =
  /** A deadline of ours passed. */
  | 'timeout'
  /** The worker said no: HTTP 4xx, or a protocol-level error that asking again would not change. */
  | 'refused'
  /** The worker, or the breaker in front of it, has no room: HTTP 429 or 503, circuit open. */
  | 'overloaded'
  /** The worker answered with something that is not the protocol, or with HTTP 5xx. */
  | 'bad_response'
  /** The caller's signal was aborted, or the client was closed. */
  | 'aborted'
  /** No connection, or one that broke. */
  | 'network'

export interface InferenceErrorOptions {
  /** Whether the same request may succeed if it is sent again. */
  retryable?: boolean
  /** HTTP status, where there was one. */
  status?: number
  /** How long the worker asked us to wait. */
  retryAfterMs?: number
  cause?: unknown
}

/** The one error type that the clients of this package throw. */
export class InferenceError extends Error {
  readonly kind: InferenceErrorKind
  readonly retryable: boolean
  readonly status: number | null
  readonly retryAfterMs: number | null

  constructor(kind: InferenceErrorKind, message: string, options: InferenceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'InferenceError'
    this.kind = kind
    this.retryable = options.retryable ?? (kind === 'network' || kind === 'overloaded')
    this.status = options.status ?? null
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

/** The same failure, marked as not to be sent again (something of the answer was already handed on). */
export function asFinal(error: InferenceError): InferenceError {
  if (!error.retryable) return error
  return new InferenceError(error.kind, error.message, {
    retryable: false,
    ...(error.status === null ? {} : { status: error.status }),
    cause: error.cause ?? error,
  })
}

/**
 * Makes an InferenceError of whatever was thrown. A reason that is already one is kept; anything else that comes
 * out of a socket counts as a network failure, which may be retried.
 */
export function toInferenceError(thrown: unknown, what: string): InferenceError {
  if (thrown instanceof InferenceError) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new InferenceError('aborted', `${what} was aborted`, { cause: thrown })
  }
  const detail = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return new InferenceError('network', `${what}: ${detail}`, { cause: thrown })
}
