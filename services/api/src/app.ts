import swagger from '@fastify/swagger'
import type { Log, Registry } from '@hotline/observability'
import type { AgentStore, ArtifactStore, CallStore } from '@hotline/storage'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { agentRoutes } from './agents/routes.js'
import type { CallFeed } from './calls/call-feed.js'
import { eventStreamRoutes } from './calls/event-stream.js'
import type { MediaClient } from './calls/media-client.js'
import { recordingRoutes } from './calls/recording.js'
import { callRoutes } from './calls/routes.js'
import { guard } from './http/auth.js'
import { createServer } from './http/server.js'
import { frontPageRoutes } from './pages/front-page.js'
import { healthRoutes } from './platform/health.js'
import { type WorkerUrls, workerRoutes } from './workers/routes.js'

export interface AppDeps {
  log: Log
  apiKey: string | undefined
  agents: AgentStore
  calls: CallStore
  artifacts: ArtifactStore
  feed: CallFeed
  media: MediaClient
  workers: WorkerUrls
  registry: Registry
  isDatabaseUp: () => Promise<boolean>
  isRedisUp: () => boolean
  /** For tests: how often a silent event stream says that it is there. */
  heartbeatMs?: number
}

/** The front door: every HTTP route, on a server that is not listening yet. */
export async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const app = createServer(deps.log)
  const stopping = new AbortController()
  app.addHook('preClose', async () => stopping.abort())
  guard(app, deps.apiKey)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Hotline', version: '0.1.0', description: 'Voice agents that answer the telephone.' },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
  })
  await app.register(healthRoutes(deps))
  await app.register(agentRoutes(deps.agents))
  await app.register(callRoutes(deps))
  await app.register(eventStreamRoutes({ ...deps, stopping: stopping.signal }))
  await app.register(recordingRoutes(deps))
  await app.register(workerRoutes(deps.workers))
  await app.register(frontPageRoutes(deps))
  app.get('/openapi.json', { config: { open: true }, schema: { hide: true } }, async () => app.swagger())
  await app.ready()
  return app
}
