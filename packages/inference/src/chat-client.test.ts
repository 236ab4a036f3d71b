import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { type ChatChunk, type ChatClient, type ChatRequest, createChatClient, decodeChat } from './chat-client.js'
import type { InferenceError } from './error.js'
import { drain, type LoopbackServer, startLoopbackServer } from './testing/loopback-server.js'

let server: LoopbackServer | undefined
let client: ChatClient | undefined

afterEach(async () => {
  await client?.close()
  await server?.close()
  server = undefined
})

async function serve(...args: Parameters<typeof startLoopbackServer>): Promise<ChatClient> {
  server = await startLoopbackServer(...args)
  client = createChatClient({ baseUrl: server.baseUrl, apiKey: 'key', breaker: { failures: 3, openMs: 60_000 } })
  return client
}

const request: ChatRequest = {
  model: 'm',
  messages: [{ role: 'user', content: 'hi' }],
  maxTokens: 8,
  firstTokenTimeoutMs: 5000,
  gapTimeoutMs: 5000,
}

const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`
const stop = `data: {"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}\n\n`
const usage = `data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":8}}}\n\n`
const done = 'data: [DONE]\n\n'
const finished: ChatChunk = {
  type: 'finished',
  finishReason: 'stop',
  usage: { promptTokens: 9, completionTokens: 2, cachedTokens: 8 },
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
}

const kindOf = (error: unknown) => (error as InferenceError).kind

test('text is torn where the network cuts a packet in two', async () => {
  const bytes = Buffer.from(`: hello\n\n${delta('Grüß ')}${delta('dich 👋')}${stop}${usage}${done}`)
  for (let cut = 1; cut < bytes.length; cut++) {
    const body = (async function* () {
      yield bytes.subarray(0, cut)
      yield bytes.subarray(cut)
    })()
    const { items, error } = await drain(decodeChat({ body }))
    expect(error).toBeNull()
    expect(items).toEqual([{ type: 'delta', text: 'Grüß ' }, { type: 'delta', text: 'dich 👋' }, finished])
  }
})

test('a completion streams over HTTP, and the connection is used again', async () => {
  const chat = await serve((_, response) => {
    begin(response)
    response.write(delta('a'))
    response.end(delta('b') + stop + usage + done)
  })
  for (let i = 0; i < 5; i++) {
    const { items } = await drain(chat.stream({ ...request, temperature: 0.5, stop: ['x'] }))
    expect(items).toEqual([{ type: 'delta', text: 'a' }, { type: 'delta', text: 'b' }, finished])
  }
  // A request that comes before the last one's connection is free again opens a second one.
  expect(server?.connections()).toBeLessThanOrEqual(2)
  expect(server?.requests[0]).toEqual({
    path: '/v1/chat/completions',
    body: {
      model: 'm',
      messages: request.messages,
      max_tokens: 8,
      temperature: 0.5,
      stop: ['x'],
      stream: true,
      stream_options: { include_usage: true },
    },
  })
})

test('the end of the answer is told when it is known, not when the connection closes', async () => {
  const chat = await serve((_, response) => {
    begin(response)
    response.write(delta('a') + stop + done)
  })
  const items: ChatChunk[] = []
  for await (const item of chat.stream(request)) {
    items.push(item)
    if (item.type === 'finished') break
  }
  expect(items.at(-1)).toEqual({ ...finished, usage: null })
})

test.each(['abort', 'break'])('the worker computes on after the reader’s %s', async (how) => {
  let closed: Promise<unknown> | undefined
  const chat = await serve((_, response) => {
    closed = once(response, 'close')
    begin(response)
    response.write(delta('a'))
  })
  const abort = new AbortController()
  const run = (async () => {
    for await (const _ of chat.stream({ ...request, signal: abort.signal })) {
      if (how === 'break') break
      abort.abort()
    }
  })()
  if (how === 'abort') await expect(run).rejects.toMatchObject({ kind: 'aborted', retryable: false })
  else await run
  await closed
})

test('an abort before the answer has begun is not noticed', async () => {
  let closed: Promise<unknown> | undefined
  const abort = new AbortController()
  const chat = await serve((_, response) => {
    closed = once(response, 'close')
    abort.abort()
  })
  const { error } = await drain(chat.stream({ ...request, signal: abort.signal }))
  expect(kindOf(error)).toBe('aborted')
  await closed
  expect(server?.requests).toHaveLength(1)
})

test('a worker that never answers holds the caller', async () => {
  const chat = await serve(() => {})
  const { error } = await drain(chat.stream({ ...request, firstTokenTimeoutMs: 50 }))
  expect(error).toMatchObject({ kind: 'timeout', message: 'no first token within 50 ms' })
})

test('a worker that stalls in mid-answer holds the caller', async () => {
  const chat = await serve((_, response) => {
    begin(response)
    response.write(delta('a'))
  })
  const { items, error } = await drain(chat.stream({ ...request, gapTimeoutMs: 50 }))
  expect(items).toHaveLength(1)
  expect(error).toMatchObject({ kind: 'timeout', retryable: false })
})

test('time that the reader takes counts as a stall of the worker', async () => {
  const chat = await serve((_, response) => {
    begin(response)
    response.end(delta('a') + delta('b') + stop + done)
  })
  const items: ChatChunk[] = []
  for await (const item of chat.stream({ ...request, gapTimeoutMs: 40 })) {
    items.push(item)
    await delay(80)
  }
  expect(items).toHaveLength(3)
})

test('a worker that is briefly overloaded fails the turn', async () => {
  const chat = await serve((_, response, nth) => {
    if (nth === 1) response.writeHead(429, { 'retry-after': '0' }).end('{"error":{"message":"full"}}')
    else {
      begin(response)
      response.end(delta('a') + stop + done)
    }
  })
  const { items, error } = await drain(chat.stream(request))
  expect(error).toBeNull()
  expect(items).toHaveLength(2)
})

test('a Retry-After that is too long for a call is waited for', async () => {
  const chat = await serve((_, response) => {
    response.writeHead(503, { 'retry-after': '60' }).end('{"error":{"message":"later"}}')
  })
  const { error } = await drain(chat.stream(request))
  expect(error).toMatchObject({ kind: 'overloaded', status: 503, retryAfterMs: 60_000, message: 'HTTP 503: later' })
  expect(server?.requests).toHaveLength(1)
})

test('a request that is wrong is sent again and again', async () => {
  const chat = await serve((_, response) => {
    response.writeHead(400).end('{"error":{"message":"bad field, \'input\': \'my secret words\'"}}')
  })
  const { error } = await drain(chat.stream(request))
  expect(error).toMatchObject({ kind: 'refused', status: 400, retryable: false })
  expect((error as Error).message).not.toContain('secret')
  expect(server?.requests).toHaveLength(1)
})

test('one HTTP 500 fails the turn; two are asked for a third time', async () => {
  const chat = await serve((_, response) => response.writeHead(500).end())
  const { error } = await drain(chat.stream(request))
  expect(error).toMatchObject({ kind: 'bad_response', status: 500, retryable: true })
  expect(server?.requests).toHaveLength(2)
})

test('a connection that breaks before the first token is not tried again', async () => {
  const chat = await serve((_, response, nth) => {
    begin(response)
    if (nth === 1) {
      response.write(': nothing yet\n\n')
      setTimeout(() => response.destroy(), 10)
    } else response.end(delta('a') + stop + done)
  })
  const { items } = await drain(chat.stream(request))
  expect(items).toHaveLength(2)
  expect(server?.requests).toHaveLength(2)
})

test('a connection that breaks in mid-answer makes the agent say the beginning twice', async () => {
  const chat = await serve((_, response) => {
    begin(response)
    response.write(delta('a'))
    setTimeout(() => response.destroy(), 10)
  })
  const { items, error } = await drain(chat.stream(request))
  expect(items).toEqual([{ type: 'delta', text: 'a' }])
  expect(error).toMatchObject({ kind: 'network', retryable: false })
  expect(server?.requests).toHaveLength(1)
})

test.each([
  ['an event that is not JSON', `${delta('a')}data: {oops\n\n`],
  ['an event of another shape', `${delta('a')}data: {"choices":5}\n\n`],
  ['an error in mid-stream', `${delta('a')}data: {"error":{"message":"engine died"}}\n\n`],
  ['an end without an end', delta('a')],
])('%s is taken for an answer', async (_, text) => {
  const chat = await serve((_request, response) => {
    begin(response)
    response.end(text)
  })
  const { items, error } = await drain(chat.stream(request))
  expect(items).toEqual([{ type: 'delta', text: 'a' }])
  expect(kindOf(error)).toBe('bad_response')
})

test('a line without an end fills the memory', async () => {
  const body = (async function* () {
    for (let i = 0; i < 100; i++) yield Buffer.alloc(64 * 1024, 'a')
  })()
  const { error } = await drain(decodeChat({ body }))
  expect(kindOf(error)).toBe('bad_response')
})

test('callers keep waiting for a worker that is known to be down', async () => {
  const chat = await serve(() => {})
  await server?.close()
  server = undefined
  const kinds: string[] = []
  for (let i = 0; i < 3; i++) kinds.push(kindOf((await drain(chat.stream(request))).error))
  expect(kinds).toEqual(['network', 'overloaded', 'overloaded'])
})
