import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { silentLog } from '../app.test-helper.js'
import { guard } from './auth.js'
import { createServer } from './server.js'

let app: FastifyInstance
afterEach(() => app.close())

function serve(apiKey?: string): FastifyInstance {
  app = createServer(silentLog)
  guard(app, apiKey)
  app.get('/open', { config: { open: true } }, async () => ({ ok: true }))
  app.get('/secret', async () => ({ ok: true }))
  app.post('/echo', { schema: { body: z.strictObject({ n: z.number() }) } }, async (request) => request.body)
  app.get('/broken', async () => {
    throw new Error('SELECT * FROM calls -- with a caller’s words')
  })
  app.get('/away', async () => {
    throw Object.assign(new Error('query failed'), { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })
  })
  return app
}

describe('server', () => {
  it('answers every error in OpenAI’s form with a request id', async () => {
    serve()
    const json = { 'content-type': 'application/json' }
    const cases: [InjectOptions, number, string][] = [
      [{ method: 'GET', url: '/nothing?token=abc' }, 404, 'unknown_url'],
      [{ method: 'GET', url: '/%zz' }, 404, 'unknown_url'],
      [{ method: 'POST', url: '/echo', headers: json, payload: '{"n":' }, 400, 'invalid_json'],
      [{ method: 'POST', url: '/echo', headers: json, payload: '' }, 400, 'missing_required_parameter'],
      [
        { method: 'POST', url: '/echo', headers: { 'content-type': 'text/xml' }, payload: '<n/>' },
        415,
        'unsupported_media_type',
      ],
      [
        { method: 'POST', url: '/echo', headers: json, payload: `{"n":"${'x'.repeat(1_100_000)}"}` },
        413,
        'body_too_large',
      ],
      [{ method: 'GET', url: '/broken' }, 500, 'internal_error'],
      [{ method: 'GET', url: '/away' }, 503, 'store_unavailable'],
    ]
    for (const [request, status, code] of cases) {
      const answer = await app.inject(request)
      expect([answer.statusCode, answer.json().error.code]).toEqual([status, code])
      expect(Object.keys(answer.json().error)).toEqual(['message', 'type', 'param', 'code'])
      expect(answer.headers['x-request-id']).toMatch(/^req_/)
      expect(answer.body).not.toMatch(/SELECT|token=abc/)
    }
  })

  it('keeps a caller’s own request id if it is a plain one', async () => {
    serve()
    const ask = async (id: string) =>
      (await app.inject({ url: '/open', headers: { 'x-request-id': id } })).headers['x-request-id']
    expect(await ask('my-id_1')).toBe('my-id_1')
    expect(await ask('a b\tc')).toMatch(/^req_/)
  })

  it('lets nobody in without the key, once there is one', async () => {
    serve('right-key')
    const ask = async (authorization?: string) =>
      (await app.inject({ url: '/secret', headers: authorization ? { authorization } : {} })).statusCode
    expect(await ask()).toBe(401)
    expect(await ask('Bearer wrong-key')).toBe(401)
    expect(await ask('Basic right-key')).toBe(401)
    expect(await ask('Bearer right-key')).toBe(200)
    expect((await app.inject('/open')).statusCode).toBe(200)
    const unknown = await app.inject('/nothing')
    expect([unknown.statusCode, unknown.json().error.code]).toEqual([401, 'invalid_api_key'])
  })

  it('without a key takes any key, but no web page from elsewhere', async () => {
    serve()
    const ask = async (headers: Record<string, string>) => (await app.inject({ url: '/secret', headers })).statusCode
    expect(await ask({ host: '127.0.0.1:8080', authorization: 'Bearer anything' })).toBe(200)
    expect(await ask({ host: 'localhost:8080', origin: 'http://localhost:8080' })).toBe(200)
    expect(await ask({ host: '[::1]:8080' })).toBe(200)
    expect(await ask({ host: '127.0.0.1:8080', origin: 'https://elsewhere.example' })).toBe(403)
    expect(await ask({ host: 'rebound.example:8080' })).toBe(403)
    expect(await ask({ host: '127.0.0.1:8080', origin: 'null' })).toBe(403)
  })
})
