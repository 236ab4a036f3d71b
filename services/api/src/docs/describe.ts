import { createLog, createRegistry } from '@hotline/observability'
import type { FastifyInstance } from 'fastify'
import { createApp } from '../app.js'
import { createCallFeed } from '../calls/call-feed.js'
import { createMediaClient } from '../calls/media-client.js'

/** Stands where a store is wanted and none is used: describing routes runs none of them. */
function unused<T extends object>(what: string): T {
  const refuse = (): never => {
    throw new Error(`${what} is not there when the API is only described`)
  }
  return new Proxy({} as T, { get: refuse })
}

/** The application with nothing behind it, for its OpenAPI document. */
export function createDescribedApp(): Promise<FastifyInstance> {
  return createApp({
    log: createLog({ service: 'docs', level: 'silent' }),
    apiKey: undefined,
    agents: unused('the agent store'),
    calls: unused('the call store'),
    artifacts: unused('the artifact store'),
    feed: createCallFeed(),
    media: createMediaClient(undefined),
    workers: { llm: undefined, asr: undefined, tts: undefined },
    registry: createRegistry({ service: 'docs' }),
    isDatabaseUp: async () => false,
    isRedisUp: () => false,
  })
}
