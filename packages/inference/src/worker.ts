import type { CircuitBreakerOptions } from './circuit-breaker.js'
import type { HttpPoolOptions } from './http-pool.js'
import type { RetryPolicy } from './retry.js'

/** How to reach one HTTP worker, and how patient to be with it. */
export interface WorkerOptions extends HttpPoolOptions {
  retry?: RetryPolicy
  breaker?: CircuitBreakerOptions
}
