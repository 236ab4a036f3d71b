import { Resampler } from '@hotline/audio'
import { z } from 'zod'
import { streamAnswer } from './answer-stream.js'
import { createCircuitBreaker } from './circuit-breaker.js'
import { createDeadline } from './deadline.js'
import { InferenceError, toInferenceError } from './error.js'
import { createHttpPool, type WorkerResponse } from './http-pool.js'
import { defaultRetryPolicy, retry } from './retry.js'
import type { WorkerOptions } from './worker.js'

export interface SpeechRequest {
  text: string
  voice: string
  /** Model name, for servers with several. Default `tts-1`. */
  model?: string
  /** 0.25 to 4. Default 1. */
  speed?: number
  /** Rate of the PCM that comes back. */
  sampleRateHz: number
  signal?: AbortSignal
  /** From the call to the first samples, a retry included. */
  firstAudioTimeoutMs: number
  /** Longest wait for each further piece of audio. */
  gapTimeoutMs: number
}

const voiceShape = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  language: z.string().nullish(),
  engine: z.string().nullish(),
  sample_rate: z.number().nullish(),
  default: z.boolean().nullish(),
})
const voiceListShape = z.object({ data: z.array(voiceShape) })

export interface Voice {
  id: string
  name: string
  language: string | null
  engine: string | null
  sampleRateHz: number | null
  isDefault: boolean
}

export interface SpeechClient {
  /** Streams one text as mono PCM, samples as they are made; no piece is empty. @throws InferenceError */
  synthesize(request: SpeechRequest): AsyncGenerator<Int16Array, void, undefined>
  /** The voices that the worker offers. @throws InferenceError */
  voices(options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<Voice[]>
  close(): Promise<void>
}

/** What OpenAI's own API sends for `pcm`; a server that honours our `sample_rate` says so in `x-sample-rate`. */
const standardSampleRateHz = 24_000

/** A client for any server with OpenAI's `POST /audio/speech` and raw `pcm` (s16le, mono) answers. */
export function createSpeechClient(options: WorkerOptions): SpeechClient {
  const pool = createHttpPool(options)
  const breaker = createCircuitBreaker(options.breaker)
  const retryPolicy = options.retry ?? defaultRetryPolicy
  return {
    synthesize: (request) =>
      streamAnswer({
        pool,
        breaker,
        retryPolicy,
        signal: request.signal,
        request: { method: 'POST', path: '/audio/speech', accept: 'audio/pcm', json: bodyOf(request) },
        decode: (response) => decodePcm(response, request.sampleRateHz),
        firstItemTimeoutMs: request.firstAudioTimeoutMs,
        gapTimeoutMs: request.gapTimeoutMs,
        itemName: 'audio',
      }),
    async voices({ signal, timeoutMs = 5000 } = {}) {
      const deadline = createDeadline(signal)
      deadline.arm(timeoutMs, 'list of voices')
      try {
        return await retry(
          async () => {
            const response = await pool.request({
              method: 'GET',
              path: '/audio/voices',
              accept: 'application/json',
              signal: deadline.signal,
            })
            return parseVoices(await readAll(response, 1024 * 1024))
          },
          retryPolicy,
          deadline.signal,
        )
      } catch (thrown) {
        throw toInferenceError(deadline.signal.aborted ? deadline.signal.reason : thrown, 'reading the list of voices')
      } finally {
        deadline.close()
      }
    },
    close: () => pool.close(),
  }
}

function bodyOf(request: SpeechRequest): Record<string, unknown> {
  return {
    model: request.model ?? 'tts-1',
    input: request.text,
    voice: request.voice,
    speed: request.speed,
    response_format: 'pcm',
    sample_rate: request.sampleRateHz,
  }
}

/**
 * Bytes as they come off the wire to samples at the rate that was asked for, whatever rate the worker sends; a sample
 * may be split over two pieces. Exported for its test.
 */
export async function* decodePcm(
  response: Pick<WorkerResponse, 'body' | 'header'>,
  sampleRateHz: number,
): AsyncGenerator<Int16Array, void, undefined> {
  const sentRateHz = Number(response.header('x-sample-rate') ?? standardSampleRateHz)
  if (!Number.isInteger(sentRateHz) || sentRateHz < 4000 || sentRateHz > 192_000) {
    throw new InferenceError('bad_response', 'the worker sends audio at a rate that is none')
  }
  const resampler = sentRateHz === sampleRateHz ? null : new Resampler(sentRateHz, sampleRateHz)
  let oddByte: number | null = null
  for await (const bytes of response.body) {
    const [samples, rest] = toSamples(bytes, oddByte)
    oddByte = rest
    const converted = resampler?.push(samples) ?? samples
    if (converted.length > 0) yield converted
  }
  if (oddByte !== null) throw new InferenceError('bad_response', 'the audio ended in the middle of a sample')
  const tail = resampler?.flush()
  if (tail && tail.length > 0) yield tail
}

/** Little-endian 16-bit samples of `bytes`, which continue after `oddByte`; and the byte that is left over. */
function toSamples(bytes: Buffer, oddByte: number | null): [Int16Array, number | null] {
  const carried = oddByte === null ? 0 : 1
  const samples = new Int16Array((bytes.length + carried) >> 1)
  let at = 0
  let sample = 0
  if (oddByte !== null && bytes.length > 0) samples[sample++] = oddByte | ((bytes[at++] ?? 0) << 8)
  for (; at + 1 < bytes.length; at += 2) samples[sample++] = bytes.readInt16LE(at)
  if (at < bytes.length) return [samples, bytes[at] ?? null]
  return [samples, bytes.length === 0 ? oddByte : null]
}

async function readAll(response: WorkerResponse, maxBytes: number): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response.body) {
    bytes += part.length
    if (bytes > maxBytes) throw new InferenceError('bad_response', `the answer is longer than ${maxBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parseVoices(text: string): Voice[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new InferenceError('bad_response', 'the list of voices is not JSON', { cause })
  }
  const parsed = voiceListShape.safeParse(json)
  if (!parsed.success) throw new InferenceError('bad_response', 'the list of voices has another shape')
  return parsed.data.data.map((voice) => ({
    id: voice.id,
    name: voice.name ?? voice.id,
    language: voice.language ?? null,
    engine: voice.engine ?? null,
    sampleRateHz: voice.sample_rate ?? null,
    isDefault: voice.default ?? false,
  }))
}
