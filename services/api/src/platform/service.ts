import { createCallMetrics, createGauge, createRegistry, createTurnMetrics, type Log } from '@hotline/observability'
import {
  createAgentStore,
  createCallEventReader,
  createCallStore,
  createFolderArtifactStore,
  openDatabase,
} from '@hotline/storage'
import { DEMO_AGENT } from '../agents/demo-agent.js'
import { createApp } from '../app.js'
import { createCallFeed } from '../calls/call-feed.js'
import { createMediaClient } from '../calls/media-client.js'
import type { Config } from '../config.js'
import { createIngest } from './ingest.js'
import { startRetention } from './retention.js'

export interface ApiService {
  /** `http://host:port`. */
  address: string
  close(): Promise<void>
}

/** Opens the stores, reads call events into them and listens. Whatever fails, what was opened is closed again. */
export async function startApi(config: Config, log: Log): Promise<ApiService> {
  const closers: (() => Promise<void> | void)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const database = await openDatabase({
      log,
      folder: config.databaseFolder,
      ...(config.databaseUrl === undefined ? {} : { url: config.databaseUrl }),
    })
    closers.push(() => database.close())
    const agents = createAgentStore(database.db)
    const calls = createCallStore(database.db)
    const artifacts = createFolderArtifactStore(config.artifactFolder)
    await agents.seed(DEMO_AGENT)

    const registry = createRegistry({ service: 'api' })
    createGauge(registry, {
      name: 'hotline_calls_in_progress',
      help: 'Calls whose record says that they are in progress.',
      read: () => calls.countInProgress(),
    })
    const feed = createCallFeed()
    const reader = createCallEventReader({
      redisUrl: config.redisUrl,
      log,
      isStoreUp: database.isUp,
      handle: createIngest({
        calls,
        artifacts,
        feed,
        turnMetrics: createTurnMetrics(registry),
        callMetrics: createCallMetrics(registry),
      }),
    })
    closers.push(() => reader.close())
    if (config.retentionMs !== null) closers.push(startRetention({ calls, artifacts, log }, config.retentionMs))

    const app = await createApp({
      log,
      apiKey: config.apiKey,
      agents,
      calls,
      artifacts,
      feed,
      media: createMediaClient(config.mediaUrl),
      workers: { llm: config.llmUrl, asr: config.asrUrl, tts: config.ttsUrl },
      registry,
      isDatabaseUp: database.isUp,
      isRedisUp: reader.isConnected,
    })
    closers.push(() => app.close())
    const address = await app.listen({ host: config.host, port: config.port })
    return { address, close }
  } catch (error) {
    await close()
    throw error
  }
}
