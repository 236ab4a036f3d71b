import { createParser } from 'eventsource-parser'
import { z } from 'zod'
import { streamAnswer } from './answer-stream.js'
import { createCircuitBreaker } from './circuit-breaker.js'
import { InferenceError } from './error.js'
import { createHttpPool, type WorkerResponse } from './http-pool.js'
import { defaultRetryPolicy } from './retry.js'
import type { WorkerOptions } from './worker.js'

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}

export interface ChatRequest {
  /** Model or adapter name, as the worker lists it. */
  model: string
  messages: ChatMessage[]
  maxTokens: number
  temperature?: number
  topP?: number
  /** vLLM's extension: above 1 discourages what was said before. */
  repetitionPenalty?: number
  stop?: string[]
  signal?: AbortSignal
  /** From the call to the first text, a retry included. */
  firstTokenTimeoutMs: number
  /** Longest wait for each further piece of text. */
  gapTimeoutMs: number
}

export interface ChatUsage {
  promptTokens: number
  completionTokens: number
  /** Prompt tokens that came out of the prefix cache; 0 where the worker does not say. */
  cachedTokens: number
}

export type ChatChunk =
  /** Never empty. */
  | { type: 'delta'; text: string }
  /** Always last, exactly once. `usage` is null where the worker sent none. */
  | { type: 'finished'; finishReason: string; usage: ChatUsage | null }

export interface ChatClient {
  /** Streams one completion. @throws InferenceError */
  stream(request: ChatRequest): AsyncGenerator<ChatChunk, void, undefined>
  close(): Promise<void>
}

/** No line of a stream is longer than this; a delta is a few bytes. */
const maxEventBytes = 1024 * 1024

const chunkShape = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .optional(),
  usage: z
    .object({
      prompt_tokens: z.number(),
      completion_tokens: z.number().nullish(),
      prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
    })
    .nullish(),
  error: z.unknown().optional(),
})

/** A client for any server with OpenAI's `POST /chat/completions` (vLLM and others), streaming only. */
export function createChatClient(options: WorkerOptions): ChatClient {
  const pool = createHttpPool(options)
  const breaker = createCircuitBreaker(options.breaker)
  return {
    stream: (request) =>
      streamAnswer({
        pool,
        breaker,
        retryPolicy: options.retry ?? defaultRetryPolicy,
        signal: request.signal,
        request: { method: 'POST', path: '/chat/completions', accept: 'text/event-stream', json: bodyOf(request) },
        decode: decodeChat,
        firstItemTimeoutMs: request.firstTokenTimeoutMs,
        gapTimeoutMs: request.gapTimeoutMs,
        itemName: 'token',
      }),
    close: () => pool.close(),
  }
}

function bodyOf(request: ChatRequest): Record<string, unknown> {
  return {
    model: request.model,
    messages: request.messages,
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    repetition_penalty: request.repetitionPenalty,
    stop: request.stop,
    stream: true,
    stream_options: { include_usage: true },
  }
}

/** Server-sent events of a chat completion to chunks. Exported for its test. */
export async function* decodeChat(response: Pick<WorkerResponse, 'body'>): AsyncGenerator<ChatChunk, void, undefined> {
  const events: string[] = []
  let tooLong = false
  const parser = createParser({
    maxBufferSize: maxEventBytes,
    onEvent: (event) => events.push(event.data),
    onError: (error) => {
      tooLong ||= error.type === 'max-buffer-size-exceeded'
    },
  })
  const decoder = new TextDecoder()
  let finishReason: string | null = null
  let usage: ChatUsage | null = null
  let done = false

  const finished = (): ChatChunk => {
    if (finishReason === null) throw new InferenceError('bad_response', 'the stream ended before the completion did')
    return { type: 'finished', finishReason, usage }
  }

  try {
    for await (const bytes of response.body) {
      // What follows [DONE] is only the end of the body; reading it keeps the connection for the next request.
      if (done) continue
      parser.feed(decoder.decode(bytes, { stream: true }))
      if (tooLong) throw new InferenceError('bad_response', 'an event of the stream is too long')
      for (const data of events.splice(0)) {
        if (data === '[DONE]') {
          done = true
          yield finished()
          break
        }
        const chunk = parseChunk(data)
        const choice = chunk.choices?.[0]
        if (choice?.delta?.content) yield { type: 'delta', text: choice.delta.content }
        if (choice?.finish_reason) finishReason = choice.finish_reason
        if (chunk.usage) usage = usageOf(chunk.usage)
      }
    }
  } catch (error) {
    // The answer is whole; how its connection ends is of no interest.
    if (!done || finishReason === null) throw error
  }
  if (!done) yield finished()
}

function usageOf(usage: NonNullable<z.infer<typeof chunkShape>['usage']>): ChatUsage {
  return {
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens ?? 0,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
  }
}

function parseChunk(data: string): z.infer<typeof chunkShape> {
  let json: unknown
  try {
    json = JSON.parse(data)
  } catch (cause) {
    throw new InferenceError('bad_response', 'an event of the stream is not JSON', { cause })
  }
  const parsed = chunkShape.safeParse(json)
  if (!parsed.success) throw new InferenceError('bad_response', 'an event of the stream is not a completion chunk')
  if (parsed.data.error) throw new InferenceError('bad_response', 'the worker reported an error in mid-stream')
  return parsed.data
}
