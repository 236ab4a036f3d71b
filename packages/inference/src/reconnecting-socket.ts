import { WebSocket } from 'ws'
import type { CircuitBreaker, Permit } from './circuit-breaker.js'
import { InferenceError, toInferenceError } from './error.js'
import { isRetryableStatus, parseRetryAfterMs } from './retry.js'

export interface ReconnectingSocketOptions {
  url: string
  headers: Record<string, string>
  breaker: CircuitBreaker
  connectTimeoutMs: number
  /** Longest time without a working connection before the socket gives up. */
  reconnectForMs: number
  /** A peer that does not answer a ping within this is taken for dead. */
  heartbeatMs: number
  /** A peer that leaves more than this unread is taken for dead. */
  maxBufferedBytes: number
  /** Connected, for the first time or again: say who you are and what was left unsaid. */
  onOpen: () => void
  onText: (text: string) => void
  /** The connection broke or could not be made; another attempt will follow. */
  onDown: (error: InferenceError) => void
  /** The end: given up (with the reason) or closed by us (null). Comes exactly once. */
  onGone: (error: InferenceError | null) => void
}

export interface ReconnectingSocket {
  readonly connected: boolean
  /** False where there is no connection now; the sender has to say it again in `onOpen`. */
  send(text: string): boolean
  close(): void
}

const firstDelayMs = 50
const longestDelayMs = 2000
/** A connection that lasted this long was a good one: its end starts the back-off and the patience anew. */
const usefulAfterMs = 2000
const maxFrameBytes = 1024 * 1024

/** A WebSocket client that comes back: back-off with jitter, heartbeat, a bound on what lies unsent. */
export function openReconnectingSocket(options: ReconnectingSocketOptions): ReconnectingSocket {
  let socket: WebSocket | null = null
  let connected = false
  let gone = false
  let attempts = 0
  /** When the last connection that was of any use ended; at first, when we began. */
  let downSinceMs = performance.now()
  let openedAtMs: number | null = null
  let retryTimer: NodeJS.Timeout | undefined
  let heartbeat: NodeJS.Timeout | undefined

  const finish = (error: InferenceError | null): void => {
    if (gone) return
    gone = true
    connected = false
    clearTimeout(retryTimer)
    clearInterval(heartbeat)
    options.onGone(error)
  }

  const down = (error: InferenceError): void => {
    if (gone) return
    const nowMs = performance.now()
    if (openedAtMs !== null && nowMs - openedAtMs > usefulAfterMs) {
      attempts = 0
      downSinceMs = nowMs
    }
    openedAtMs = null
    connected = false
    socket = null
    clearInterval(heartbeat)
    const backOffMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempts++) * (0.5 + Math.random() / 2)
    const delayMs = Math.max(backOffMs, error.retryAfterMs ?? 0)
    const triedForMs = nowMs - downSinceMs
    if ((!error.retryable && error.kind !== 'overloaded') || triedForMs + delayMs > options.reconnectForMs) {
      finish(error)
      return
    }
    options.onDown(error)
    if (!gone) retryTimer = setTimeout(connect, delayMs)
  }

  const connect = (): void => {
    let permit: Permit
    try {
      permit = options.breaker.enter()
    } catch (thrown) {
      down(toInferenceError(thrown, 'connecting'))
      return
    }
    const ws = new WebSocket(options.url, {
      headers: options.headers,
      handshakeTimeout: options.connectTimeoutMs,
      maxPayload: maxFrameBytes,
      perMessageDeflate: false,
    })
    socket = ws
    let failure: InferenceError | null = null
    ws.on('open', () => {
      permit.succeeded()
      connected = true
      openedAtMs = performance.now()
      heartbeat = watch(ws, options.heartbeatMs)
      options.onOpen()
    })
    ws.on('message', (data, isBinary) => {
      if (socket === ws && !isBinary) options.onText(data.toString())
    })
    ws.on('unexpected-response', (_request, response) => {
      failure = errorOfUpgrade(response.statusCode ?? 0, response.headers['retry-after'])
      response.resume()
      ws.terminate()
    })
    ws.on('error', (error) => {
      failure ??= new InferenceError('network', `the connection to the worker failed: ${error.message}`, {
        cause: error,
      })
    })
    ws.on('close', (code) => {
      const error = failure ?? new InferenceError('network', `the worker closed the connection (code ${code})`)
      if (gone) permit.failed(new InferenceError('aborted', 'the socket is closed'))
      else permit.failed(error)
      if (socket === ws) down(error)
    })
  }

  // Not at once: whoever opens this has listeners to attach first.
  retryTimer = setTimeout(connect, 0)

  return {
    get connected() {
      return connected
    },
    send(text) {
      if (!connected || socket === null) return false
      if (socket.bufferedAmount > options.maxBufferedBytes) {
        // Nothing is lost: the close that follows starts a new connection, and the owner says it all again.
        connected = false
        socket.terminate()
        return false
      }
      socket.send(text)
      return true
    },
    close() {
      if (gone) return
      const ws = socket
      socket = null
      finish(null)
      if (ws !== null) endGently(ws)
    },
  }
}

function watch(ws: WebSocket, heartbeatMs: number): NodeJS.Timeout {
  let alive = true
  ws.on('pong', () => {
    alive = true
  })
  const timer = setInterval(() => {
    if (!alive) ws.terminate()
    alive = false
    if (ws.readyState === WebSocket.OPEN) ws.ping()
  }, heartbeatMs)
  timer.unref()
  return timer
}

function endGently(ws: WebSocket): void {
  if (ws.readyState === WebSocket.CONNECTING) {
    ws.terminate()
    return
  }
  ws.close(1000)
  const timer = setTimeout(() => ws.terminate(), 1000)
  timer.unref()
  ws.once('close', () => clearTimeout(timer))
}

function errorOfUpgrade(status: number, retryAfter: string | undefined): InferenceError {
  const retryAfterMs = parseRetryAfterMs(retryAfter)
  const kind = status === 429 || status === 503 ? 'overloaded' : status >= 500 ? 'bad_response' : 'refused'
  return new InferenceError(kind, `the worker answered the upgrade with HTTP ${status}`, {
    status,
    retryable: isRetryableStatus(status),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  })
}
