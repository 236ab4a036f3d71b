import { Pool } from 'undici'
import { InferenceError, toInferenceError } from './error.js'
import { isRetryableStatus, parseRetryAfterMs } from './retry.js'

const maxErrorBodyBytes = 64 * 1024

export interface HttpPoolOptions {
  /** Where the worker's API begins, for example `http://127.0.0.1:8000/v1`. */
  baseUrl: string
  apiKey?: string
  /** Most connections at once; further requests wait for one, inside their own deadline. Default 256. */
  connections?: number
  /** Default 2000. */
  connectTimeoutMs?: number
}

export interface WorkerRequest {
  method: 'GET' | 'POST'
  /** Path below the base URL, with its leading slash. */
  path: string
  json?: unknown
  accept: string
  signal: AbortSignal
}

export interface WorkerResponse {
  header(name: string): string | null
  /** The body as it comes. Ending the iteration early closes the connection, so that the worker stops its work. */
  body: AsyncIterable<Buffer>
  /** Close the connection if the body is not at its end. */
  destroy(): void
}

export interface HttpPool {
  /** Send one request; resolves when the head of a 2xx answer is there. Rejects with an InferenceError otherwise. */
  request(request: WorkerRequest): Promise<WorkerResponse>
  /** Close every connection, requests in flight included. */
  close(): Promise<void>
}

/**
 * Keep-alive connections to one worker. It has no timeouts of its own beyond the connect: whoever asks brings a
 * deadline in the signal, because only they know what is being waited for.
 */
export function createHttpPool(options: HttpPoolOptions): HttpPool {
  const base = parseBaseUrl(options.baseUrl, ['http:', 'https:'])
  const prefix = base.pathname.replace(/\/+$/, '')
  const pool = new Pool(base.origin, {
    connections: options.connections ?? 256,
    pipelining: 1,
    connectTimeout: options.connectTimeoutMs ?? 2000,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  })
  let closed = false

  return {
    async request({ method, path, json, accept, signal }) {
      if (closed) throw new InferenceError('aborted', 'the client is closed')
      if (signal.aborted) throw signal.reason
      try {
        const { statusCode, headers, body } = await pool.request({
          method,
          path: prefix + path,
          signal,
          headers: {
            accept,
            ...(json === undefined ? {} : { 'content-type': 'application/json' }),
            ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
          },
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        })
        const header = (name: string): string | null => {
          const value = headers[name.toLowerCase()]
          return Array.isArray(value) ? (value[0] ?? null) : (value ?? null)
        }
        if (statusCode < 200 || statusCode >= 300) {
          throw errorOfStatus(statusCode, header('retry-after'), await readShort(body))
        }
        // A body that is destroyed by an abort emits 'error' even when nobody reads it any more.
        body.on('error', () => {})
        return { header, body, destroy: () => void body.destroy() }
      } catch (error) {
        if (signal.aborted) throw signal.reason
        throw toInferenceError(error, `${method} ${path}`)
      }
    },
    async close() {
      closed = true
      await pool.destroy(new InferenceError('aborted', 'the client is closed'))
    },
  }
}

/** @throws TypeError where the text is no URL or has another scheme. */
export function parseBaseUrl(text: string, protocols: string[]): URL {
  const url = new URL(text)
  if (!protocols.includes(url.protocol)) {
    throw new TypeError(`${text}: expected a URL that begins with ${protocols.join(' or ')}`)
  }
  return url
}

function errorOfStatus(status: number, retryAfter: string | null, body: string): InferenceError {
  const retryAfterMs = parseRetryAfterMs(retryAfter)
  const kind = status === 429 || status === 503 ? 'overloaded' : status >= 500 ? 'bad_response' : 'refused'
  return new InferenceError(kind, `HTTP ${status}: ${messageOf(body)}`, {
    status,
    retryable: isRetryableStatus(status),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  })
}

/**
 * The message in an OpenAI error body (`{error: {message}}`) or FastAPI's `{detail}`. Validation errors quote what
 * they were given, and that may be a caller's words, so the quotation is left out and no other text is passed on.
 */
function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null) {
      const { error, detail, message } = parsed as { error?: unknown; detail?: unknown; message?: unknown }
      const inner = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error
      for (const candidate of [inner, message, detail]) {
        if (typeof candidate === 'string') return candidate.split(/['"]?\binput\b['"]?\s*[:=]/)[0]?.slice(0, 200) ?? ''
      }
    }
  } catch {
    // Not JSON: nothing in it that is safe to repeat.
  }
  return 'no message'
}

async function readShort(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    parts.push(part)
    bytes += part.length
    if (bytes >= maxErrorBodyBytes) break
  }
  return Buffer.concat(parts).subarray(0, maxErrorBodyBytes).toString('utf8')
}
