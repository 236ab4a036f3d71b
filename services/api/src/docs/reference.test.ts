import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDescribedApp } from './describe.js'
import { apiReference, type Described } from './reference.js'

let app: FastifyInstance
beforeAll(async () => {
  app = await createDescribedApp()
})
afterAll(() => app.close())

describe('API reference', () => {
  it('is current: docs/api.md says what the schemas say', async () => {
    const written = await readFile(new URL('../../../../docs/api.md', import.meta.url), 'utf8')
    expect(written, 'run: npm run build && npm run docs -w services/api').toBe(apiReference(app.swagger() as Described))
  })

  it('describes every route under /v1, with its errors where it takes input', async () => {
    const document = (await app.inject('/openapi.json')).json()
    expect(document.openapi).toBe('3.1.0')
    for (const path of [
      '/v1/agents',
      '/v1/agents/{agent}',
      '/v1/calls',
      '/v1/calls/{call}',
      '/v1/calls/{call}/events',
      '/v1/calls/{call}/recording',
      '/v1/calls/{call}/hangup',
      '/v1/calls/{call}/say',
      '/v1/chat/completions',
      '/v1/audio/speech',
      '/v1/audio/transcriptions',
    ]) {
      expect(Object.keys(document.paths)).toContain(path)
    }
    expect(Object.keys(document.paths['/v1/agents'].post.responses)).toEqual(['201', '400', '409'])
  })
})
