import { raceAbort } from './deadline.js'
import { InferenceError } from './error.js'

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  attempts: number
  /** Wait before the second attempt; doubles from there, with full jitter. */
  baseDelayMs: number
  /** No wait is longer. A Retry-After beyond this ends the retries instead. */
  maxDelayMs: number
}

/** One quick second try: in a phone call a third one comes too late to be of use. */
export const defaultRetryPolicy: RetryPolicy = { attempts: 2, baseDelayMs: 50, maxDelayMs: 1000 }

/** HTTP statuses after which the same request may be sent again. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500
}

/** Milliseconds asked for by a Retry-After header (RFC 9110 section 10.2.3: seconds or an HTTP date), or null. */
export function parseRetryAfterMs(header: string | null | undefined, nowMs = Date.now()): number | null {
  if (header === null || header === undefined) return null
  const value = header.trim()
  if (/^\d{1,9}(\.\d{1,3})?$/.test(value)) return Math.round(Number(value) * 1000)
  const atMs = Date.parse(value)
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}

/**
 * Runs `operation` until it succeeds, its error is not retryable, the attempts are used up or the signal aborts.
 * `operation` must only do what is safe to do twice: everything up to the first chunk of an answer, never beyond.
 */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation(attempt)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (!(error instanceof InferenceError) || !error.retryable || attempt >= policy.attempts) throw error
      const waitMs = waitBefore(attempt, error.retryAfterMs, policy)
      if (waitMs === null) throw error
      await pause(waitMs, signal)
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await raceAbort(over, signal).finally(() => clearTimeout(timer))
}

function waitBefore(attempt: number, retryAfterMs: number | null, policy: RetryPolicy): number | null {
  if (retryAfterMs !== null) return retryAfterMs > policy.maxDelayMs ? null : retryAfterMs
  const ceilingMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1))
  return Math.random() * ceilingMs
}
