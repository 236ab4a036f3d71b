import { InferenceError } from './error.js'

export interface CircuitBreakerOptions {
  /** Failures in a row that open the circuit. Default 5. */
  failures?: number
  /** How long an open circuit refuses before it lets one probe through. Default 2000. */
  openMs?: number
  /** Monotonic clock, ms. */
  nowMs?: () => number
}

/** A request that was let through. Exactly one of its methods is called, once; later calls do nothing. */
export interface Permit {
  succeeded(): void
  /** Counts only what says that the worker is unwell: no connection, no answer in time, an HTTP 5xx, garbage. */
  failed(error: InferenceError): void
}

export interface CircuitBreaker {
  readonly state: 'closed' | 'open' | 'half_open'
  /** Let one request through, or throw `overloaded` at once, with the rest of the open time as its Retry-After. */
  enter(): Permit
}

/** One per worker: spares callers the wait for a worker that is known to be down. */
export function createCircuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const { failures = 5, openMs = 2000, nowMs = () => performance.now() } = options
  let failuresInARow = 0
  let openUntilMs: number | null = null
  let probing = false

  const stateNow = (): CircuitBreaker['state'] => {
    if (openUntilMs === null) return 'closed'
    return nowMs() >= openUntilMs ? 'half_open' : 'open'
  }

  return {
    get state() {
      return stateNow()
    },
    enter() {
      const state = stateNow()
      if (state === 'open' || (state === 'half_open' && probing)) {
        throw new InferenceError('overloaded', 'the worker failed repeatedly; not asking it for now', {
          retryAfterMs: Math.max(0, Math.ceil((openUntilMs ?? 0) - nowMs())),
          retryable: false,
        })
      }
      const isProbe = state === 'half_open'
      if (isProbe) probing = true
      let settled = false
      const settle = (verdict: 'well' | 'unwell' | 'unknown'): void => {
        if (settled) return
        settled = true
        if (isProbe) probing = false
        if (verdict === 'well') {
          failuresInARow = 0
          openUntilMs = null
        } else if (verdict === 'unwell') {
          failuresInARow++
          if (isProbe || failuresInARow >= failures) openUntilMs = nowMs() + openMs
        }
      }
      return {
        succeeded: () => settle('well'),
        failed: (error) => settle(verdictOn(error)),
      }
    },
  }
}

function verdictOn(error: InferenceError): 'well' | 'unwell' | 'unknown' {
  switch (error.kind) {
    case 'network':
    case 'timeout':
    case 'bad_response':
      return 'unwell'
    case 'refused':
      return 'well'
    case 'overloaded':
    case 'aborted':
      return 'unknown'
  }
}
