import { type Readable, Transform } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Dispatcher, errors, request as send } from 'undici'
import { ApiError } from '../errors/api-error.js'

/**
 * Written by hand rather than with @fastify/http-proxy because a caller who goes away must stop the worker's work at
 * once, also before the worker has answered with its first byte.
 */

/** Headers that belong to one connection (RFC 9110 section 7.6.1), or that we set ourselves. */
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
  'date',
  'server',
])
/** Our own key and the caller's addresses stay here. */
const REQUEST_HEADERS = ['content-type', 'content-length', 'accept', 'openai-beta'] as const

const HEADERS_TIMEOUT_MS = 120_000
const BODY_TIMEOUT_MS = 60_000
const MAX_ERROR_BYTES = 64 * 1024

export interface PassThroughOptions {
  /** The worker's address of the same resource. */
  url: string
  /** Name of the worker in errors. */
  worker: string
  maxBodyBytes: number
}

/** Counts a body while it passes and stops it at the limit. */
function limited(body: Readable, maxBytes: number): Transform {
  let seen = 0
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length
      if (seen > maxBytes) done(new ApiError('body_too_large'))
      else done(null, chunk)
    },
  })
  body.once('error', (error) => counter.destroy(error))
  return body.pipe(counter)
}

function toWorkerError(error: unknown, worker: string): ApiError {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof ApiError) return at
  if (error instanceof errors.HeadersTimeoutError) {
    return new ApiError('worker_timeout', { message: `The ${worker} worker took too long.` })
  }
  const message = `The ${worker} worker cannot be reached; try again.`
  return new ApiError('worker_unavailable', { message, retryAfterSeconds: 2 })
}

/** An error that is not in OpenAI's form yet. */
async function refusal(answer: Dispatcher.ResponseData, worker: string): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_ERROR_BYTES) break
    chunks.push(chunk)
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'object') return body
  } catch {
    // Not JSON: told in our own words below.
  }
  const { error } = new ApiError('worker_error').body()
  return { error: { ...error, message: `The ${worker} worker refused with status ${answer.statusCode}.` } }
}

/** Sends the request on to a worker and its answer back, both as they stream; either side's end is the other's. */
export async function passThrough(
  request: FastifyRequest,
  reply: FastifyReply,
  { url, worker, maxBodyBytes }: PassThroughOptions,
): Promise<FastifyReply> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw new ApiError('body_too_large')
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const headers: Record<string, string> = { 'x-request-id': request.id }
  for (const name of REQUEST_HEADERS) {
    const value = request.headers[name]
    if (typeof value === 'string') headers[name] = value
  }
  const body = request.method === 'GET' ? null : limited(request.body as Readable, maxBodyBytes)
  const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : ''
  let answer: Dispatcher.ResponseData
  try {
    answer = await send(url + query, {
      method: request.method as Dispatcher.HttpMethod,
      headers,
      body,
      signal: gone.signal,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: BODY_TIMEOUT_MS,
    })
  } catch (error) {
    throw toWorkerError(error, worker)
  }
  reply.code(answer.statusCode)
  const retryAfter = answer.headers['retry-after']
  if (answer.statusCode >= 400) {
    if (typeof retryAfter === 'string') reply.header('retry-after', retryAfter)
    return reply.type('application/json; charset=utf-8').send(await refusal(answer, worker))
  }
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !NOT_FORWARDED.has(name)) reply.header(name, value)
  }
  return reply.send(answer.body)
}
