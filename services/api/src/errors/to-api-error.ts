import { AgentNameTakenError, UnknownCursorError } from '@hotline/storage'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { ZodError } from 'zod'
import { ApiError } from './api-error.js'
import type { ErrorCode } from './error-catalogue.js'

interface Issue {
  code: string
  path: readonly (string | number)[]
  message: string
  keys: readonly string[]
}

/** `turn_taking.min_delay_ms`, `no_input.reprompts[0]`. */
function paramOf(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number' || /^\d+$/.test(part)) return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

function fromIssue(issue: Issue): ApiError {
  if (issue.code === 'unrecognized_keys') {
    const param = paramOf([...issue.path, issue.keys[0] ?? ''])
    return new ApiError('unknown_parameter', { param, message: `Unknown parameter: '${param}'.` })
  }
  const param = paramOf(issue.path)
  const about = param === '' ? {} : { param }
  const absent = param === '' ? /received (undefined|null)$/ : /received undefined$/
  if (issue.code === 'invalid_type' && absent.test(issue.message)) {
    const message = param === '' ? 'A body is required.' : `Missing required parameter: '${param}'.`
    return new ApiError('missing_required_parameter', { ...about, message })
  }
  const message = param === '' ? `${issue.message}.` : `Invalid '${param}': ${issue.message}.`
  return new ApiError('invalid_value', { ...about, message })
}

const FRAMEWORK_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'unknown_url',
  FST_ERR_MAX_PARAM_LENGTH: 'unknown_url',
}

const CONNECTION_LOST = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08|57P0|53300)/

function codesOf(error: unknown): string[] {
  const codes: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') codes.push(at.code)
    if (/timeout exceeded when trying to connect|Connection terminated/i.test(at.message)) codes.push('ECONNLOST')
  }
  return codes
}

/** What to answer for anything that was thrown. Only `internal_error` is a surprise worth an error line in the log. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation
    const path = (first?.instancePath ?? '')
      .split('/')
      .slice(1)
      .filter((part) => part !== '')
    const keys = (first?.params as { keys?: string[] } | undefined)?.keys ?? []
    return fromIssue({ code: first?.keyword ?? '', path, message: first?.message ?? '', keys })
  }
  if (error instanceof ZodError) {
    const [first] = error.issues
    const keys = first?.code === 'unrecognized_keys' ? first.keys : []
    const path = (first?.path ?? []).map((part) => (typeof part === 'number' ? part : String(part)))
    return fromIssue({ code: first?.code ?? '', path, message: first?.message ?? '', keys })
  }
  if (error instanceof AgentNameTakenError) {
    return new ApiError('agent_name_taken', { message: `${error.message}.`, param: 'name' })
  }
  if (error instanceof UnknownCursorError) {
    return new ApiError('unknown_cursor', { message: `${error.message}.`, param: 'after' })
  }
  const codes = codesOf(error)
  const known = codes.map((code) => FRAMEWORK_CODES[code]).find((code) => code !== undefined)
  if (known) return new ApiError(known)
  if (codes.some((code) => CONNECTION_LOST.test(code)))
    return new ApiError('store_unavailable', { retryAfterSeconds: 1 })
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  return new ApiError(
    typeof status === 'number' && status >= 400 && status < 500 ? 'invalid_request' : 'internal_error',
  )
}
