import { type CircuitBreakerOptions, createCircuitBreaker } from './circuit-breaker.js'
import { parseBaseUrl } from './http-pool.js'
import { openReconnectingSocket } from './reconnecting-socket.js'
import { type AudioFormat, sessionUpdate } from './transcription-event.js'
import { createTranscriptionSession, type TakeBack, type TranscriptionSession } from './transcription-session.js'

export interface TranscriptionClientOptions {
  /** Where the worker's API begins, for example `ws://127.0.0.1:8081/v1`. */
  baseUrl: string
  apiKey?: string
  /** How a commit is taken back: by the server's extension event, by sending the audio again, or as found out. */
  takeBack?: TakeBack
  /** Default 2000. */
  connectTimeoutMs?: number
  /** Longest time without a working connection before a session gives up. Default 15000. */
  reconnectForMs?: number
  /** A worker that does not answer a ping within this is taken for dead. Default 10000. */
  heartbeatMs?: number
  /** Longest wait for the text of a commit. Default 5000. */
  finalTimeoutMs?: number
  /** How much of the open turn is kept for sending it again. Default 60000. */
  maxKeptMs?: number
  breaker?: CircuitBreakerOptions
}

export interface TranscriptionOptions {
  format: AudioFormat
  /** 8000 for G.711; 8000, 16000 or 24000 for PCM (s16le, mono). */
  sampleRateHz: number
  model?: string
  /** ISO 639-1. */
  language?: string
  /** Aborting it closes the session. */
  signal?: AbortSignal
}

export interface TranscriptionClient {
  /** Begin a session. It connects by itself; what is appended before that is sent once it has. */
  open(options: TranscriptionOptions): TranscriptionSession
}

const maxBufferedBytes = 256 * 1024

/** A client for any server with OpenAI's Realtime transcription sessions over a WebSocket. */
export function createTranscriptionClient(options: TranscriptionClientOptions): TranscriptionClient {
  const base = parseBaseUrl(options.baseUrl, ['ws:', 'wss:'])
  const url = `${base.origin}${base.pathname.replace(/\/+$/, '')}/realtime?intent=transcription`
  const breaker = createCircuitBreaker(options.breaker)
  return {
    open({ format, sampleRateHz, model, language, signal }) {
      if (format !== 'pcm' && sampleRateHz !== 8000) throw new RangeError(`${format} has 8000 Hz, not ${sampleRateHz}`)
      if (!Number.isInteger(sampleRateHz) || sampleRateHz < 8000 || sampleRateHz > 48_000) {
        throw new RangeError(`${sampleRateHz} Hz is no rate for speech`)
      }
      const bytesPerMs = (sampleRateHz * (format === 'pcm' ? 2 : 1)) / 1000
      const session = createTranscriptionSession(
        {
          setUp: sessionUpdate(format, sampleRateHz, model, language),
          maxKeptBytes: (options.maxKeptMs ?? 60_000) * bytesPerMs,
          finalTimeoutMs: options.finalTimeoutMs ?? 5000,
          takeBack: options.takeBack ?? 'auto',
        },
        (callbacks) =>
          openReconnectingSocket({
            url,
            headers: options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` },
            breaker,
            connectTimeoutMs: options.connectTimeoutMs ?? 2000,
            reconnectForMs: options.reconnectForMs ?? 15_000,
            heartbeatMs: options.heartbeatMs ?? 10_000,
            maxBufferedBytes,
            ...callbacks,
          }),
      )
      const close = (): void => session.close()
      if (signal?.aborted) queueMicrotask(close)
      else signal?.addEventListener('abort', close, { once: true })
      session.once('closed', () => signal?.removeEventListener('abort', close))
      return session
    },
  }
}
