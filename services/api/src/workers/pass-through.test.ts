import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../app.test-helper.js'
import { ErrorBody } from '../errors/api-error.js'
import { createServer } from '../http/server.js'
import { workerRoutes } from './routes.js'

let worker: Server
let app: FastifyInstance
let base: string
let behave: (request: IncomingMessage, response: ServerResponse) => void

beforeEach(async () => {
  worker = createHttpServer((request, response) => behave(request, response)).listen(0, '127.0.0.1')
  await once(worker, 'listening')
  const { port } = worker.address() as AddressInfo
  app = createServer(silentLog)
  await app.register(
    workerRoutes({ llm: `http://127.0.0.1:${port}/v1`, asr: `ws://127.0.0.1:${port}/v1`, tts: undefined }),
  )
  base = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(async () => {
  worker.closeAllConnections()
  worker.close()
  await app.close()
})

const chat = (init: RequestInit = {}) =>
  fetch(`${base}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer our-own-key' },
    body: '{"stream":true}',
    ...init,
  })

const codeOf = async (answer: Response) => ErrorBody.parse(await answer.json()).error.code

describe('pass-through to the workers', () => {
  it('hands on each piece as it comes, and keeps our key to itself', async () => {
    let release = () => {}
    const seen: IncomingMessage[] = []
    behave = async (request, response) => {
      seen.push(request)
      const body = (await request.toArray()).join('')
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-sample-rate': '24000' })
      response.write(`data: ${body}\n\n`)
      await new Promise<void>((resolve) => {
        release = resolve
      })
      response.end('data: [DONE]\n\n')
    }
    const answer = await chat()
    expect(answer.headers.get('x-sample-rate')).toBe('24000')
    const reader = answer.body?.getReader()
    const first = await reader?.read()
    expect(new TextDecoder().decode(first?.value)).toBe('data: {"stream":true}\n\n')
    release()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: [DONE]\n\n')
    expect(seen[0]?.url).toBe('/v1/chat/completions')
    expect(seen[0]?.headers.authorization).toBeUndefined()
    expect(seen[0]?.headers['x-request-id']).toMatch(/^req_/)
  })

  it.each([
    ['before its first byte', false],
    ['in the middle of its answer', true],
  ])('stops the worker when the caller goes away %s', async (_when, begins) => {
    let stopped = false
    const working = new Promise<void>((resolve) => {
      behave = (request, response) => {
        request.resume()
        response.once('close', () => {
          stopped = true
        })
        if (begins) response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
        resolve()
      }
    })
    const leaving = new AbortController()
    const answer = chat({ signal: leaving.signal })
    answer.catch(() => {})
    await working
    if (begins) await answer
    leaving.abort()
    for (let wait = 0; wait < 200 && !stopped; wait += 1) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(stopped).toBe(true)
  })

  it('keeps a worker’s refusal in OpenAI’s form and puts others into it', async () => {
    behave = (request, response) => {
      request.resume()
      const own = request.url?.endsWith('/models') ?? false
      response.writeHead(own ? 404 : 429, { 'content-type': 'application/json', 'retry-after': '7' })
      response.end(
        own ? '{"detail":"Not Found"}' : '{"error":{"message":"busy","type":"x","param":null,"code":"busy"}}',
      )
    }
    const busy = await chat()
    expect([busy.status, busy.headers.get('retry-after'), await codeOf(busy)]).toEqual([429, '7', 'busy'])
    const models = await fetch(`${base}/v1/models`)
    expect([models.status, await codeOf(models)]).toEqual([404, 'worker_error'])
  })

  it('says that a worker is away', async () => {
    worker.closeAllConnections()
    worker.close()
    await once(worker, 'close')
    const answer = await chat()
    expect([answer.status, await codeOf(answer)]).toEqual([503, 'worker_unavailable'])
    const unset = await fetch(`${base}/v1/audio/voices`)
    expect([unset.status, await codeOf(unset)]).toEqual([503, 'worker_unavailable'])
  })

  it('stops a body that is too large, with and without a length given', async () => {
    let received = 0
    behave = (request, response) => {
      request.on('data', (chunk: Buffer) => {
        received += chunk.length
      })
      request.on('end', () => response.end('{}'))
    }
    const big = Buffer.alloc(5 * 1024 * 1024, 32)
    const told = await chat({ body: big })
    expect([told.status, await codeOf(told)]).toEqual([413, 'body_too_large'])
    expect(received).toBe(0)
    const pieces = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 5; n += 1) controller.enqueue(big.subarray(0, 1024 * 1024))
        controller.close()
      },
    })
    const untold = await chat({ body: pieces, duplex: 'half' } as RequestInit).catch(() => null)
    expect(untold === null || untold.status === 413).toBe(true)
    expect(received).toBeLessThan(5 * 1024 * 1024)
  })
})
