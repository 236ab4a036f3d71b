import { z } from 'zod'
import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js'

/** OpenAI's error body. */
export const ErrorBody = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
})
export type ErrorBody = z.infer<typeof ErrorBody>

/** An error of the catalogue, thrown by any handler and answered as OpenAI's error body. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly code: ErrorCode
  /** The parameter at fault, as a path: `turn_taking.min_delay_ms`. */
  readonly param: string | null
  /** Seconds after which to try again, for the header `retry-after`. */
  readonly retryAfterSeconds: number | null

  constructor(code: ErrorCode, options: { message?: string; param?: string; retryAfterSeconds?: number } = {}) {
    super(options.message ?? ERROR_CATALOGUE[code].message)
    this.code = code
    this.param = options.param ?? null
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status
  }

  body(): ErrorBody {
    const { type } = ERROR_CATALOGUE[this.code]
    return { error: { message: this.message, type, param: this.param, code: this.code } }
  }
}
