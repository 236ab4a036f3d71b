import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCallMetrics, createLog, createRegistry, createTurnMetrics, type Registry } from '@hotline/observability'
import {
  type AgentStore,
  type CallEvent,
  type CallStore,
  createAgentStore,
  createCallStore,
  createFolderArtifactStore,
  type FolderArtifactStore,
  openDatabase,
} from '@hotline/storage'
import type { FastifyInstance } from 'fastify'
import { createApp } from './app.js'
import { createCallFeed } from './calls/call-feed.js'
import type { MediaClient } from './calls/media-client.js'
import { createIngest } from './platform/ingest.js'

export const silentLog = createLog({ service: 'test', level: 'silent' })

/** The whole application over an embedded database in memory, with a media service of the test's own. */
export interface TestApp {
  app: FastifyInstance
  agents: AgentStore
  calls: CallStore
  artifacts: FolderArtifactStore
  registry: Registry
  /** What media was asked for; `known` are its calls in progress. */
  media: { asked: string[]; known: Set<string> }
  ingest: (events: CallEvent[]) => Promise<void>
  close(): Promise<void>
}

export async function createTestApp(): Promise<TestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-api-'))
  const database = await openDatabase({ log: silentLog })
  const agents = createAgentStore(database.db)
  const calls = createCallStore(database.db)
  const artifacts = createFolderArtifactStore(folder)
  const registry = createRegistry({ service: 'api' })
  const feed = createCallFeed()
  const media: TestApp['media'] = { asked: [], known: new Set() }
  const act = async (callId: string, what: string): Promise<boolean> => {
    media.asked.push(`${callId} ${what}`)
    return media.known.has(callId)
  }
  const client: MediaClient = {
    isUp: async () => true,
    metrics: async () => '# TYPE hotline_active_calls gauge\nhotline_active_calls{service="media"} 3\n',
    hangup: (callId) => act(callId, 'hangup'),
    say: (callId, text) => act(callId, `say ${text}`),
  }
  const ingest = createIngest({
    calls,
    artifacts,
    feed,
    turnMetrics: createTurnMetrics(registry),
    callMetrics: createCallMetrics(registry),
  })
  const app = await createApp({
    log: silentLog,
    apiKey: undefined,
    agents,
    calls,
    artifacts,
    feed,
    media: client,
    workers: { llm: undefined, asr: undefined, tts: undefined },
    registry,
    isDatabaseUp: database.isUp,
    isRedisUp: () => false,
    heartbeatMs: 50,
  })
  return {
    app,
    agents,
    calls,
    artifacts,
    registry,
    media,
    ingest,
    async close() {
      await app.close()
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
