import { join } from 'node:path'
import { createSileroModel, createSmartTurn, VoiceActivity } from '@hotline/conversation'
import { createChatClient, createSpeechClient, createTranscriptionClient } from '@hotline/inference'
import { createGauge, createRegistry, type Log, metricsText } from '@hotline/observability'
import { Pacer, PortPool } from '@hotline/rtp'
import { CallControl } from '@hotline/sip'
import { type Agent, createCallEventWriter } from '@hotline/storage'
import { createAgentDirectory } from '../door/agent-directory.js'
import { CallRegistry } from '../door/call-registry.js'
import { createEchoInbound } from '../door/echo-inbound.js'
import { createInbound } from '../door/inbound.js'
import { openRecordingFile } from '../recording/recording-file.js'
import { PhraseCache } from '../speaking/phrase-cache.js'
import { PhraseWarmer } from '../speaking/phrase-warmer.js'
import type { MediaConfig } from './config.js'
import { createControlApi } from './control-api.js'
import { startWarmUp } from './warm-up.js'

const QUARANTINE_MS = 2000
const FLUSH_MS = 3000
const HANGUP_WAIT_MS = 3000

export interface Media {
  /** Take no new calls, let those that are up end by themselves or at the limit, then release everything. */
  stop(): Promise<void>
}

/** Builds the data plane from its parts and opens its doors. */
export async function startMedia(config: MediaConfig, log: Log): Promise<Media> {
  const registry = new CallRegistry(config.maxCalls)
  const metrics = createRegistry({ service: 'media' })
  createGauge(metrics, { name: 'hotline_active_calls', help: 'Calls that are up.', read: () => registry.size })

  const silero = await createSileroModel({ modelPath: join(config.modelsDir, 'silero', 'silero_vad.onnx') })
  const smartTurn = await createSmartTurn({
    modelPath: join(config.modelsDir, 'smart-turn', 'smart-turn-v3.2-cpu.onnx'),
  })
  const chat = createChatClient({ baseUrl: config.llmUrl })
  const speech = createSpeechClient({ baseUrl: config.ttsUrl })
  const transcription = createTranscriptionClient({ baseUrl: config.asrUrl })
  const events = createCallEventWriter({
    redisUrl: config.redisUrl,
    log,
    spoolDir: join(config.dataDir, 'spool', 'call-events'),
  })
  const ports = new PortPool({ host: config.host, ...config.rtp, quarantineMs: QUARANTINE_MS })
  const pacer = new Pacer({ onError: (error) => log.error({ err: error }, 'tick failed') })
  const agents = createAgentDirectory(config.apiUrl, config.apiKey)
  const phrases = new PhraseCache()
  const warmer = new PhraseWarmer(speech, phrases, log)
  const warmUp = config.echo ? null : startWarmUp({ agents, warmer, log })

  const createVoiceActivity = (agent?: Agent) =>
    new VoiceActivity({
      model: silero,
      rateHz: 8000,
      ...(agent && {
        threshold: agent.turn_taking.vad_threshold,
        startMs: agent.turn_taking.vad_start_ms,
        stopMs: agent.turn_taking.vad_stop_ms,
      }),
    })

  let control: CallControl | null = null
  const missing = (): string[] => [
    ...(control?.connected ? [] : ['signaling']),
    ...(warmUp && !warmUp.done ? ['agents and their phrases'] : []),
  ]
  const onCall = config.echo
    ? createEchoInbound({ host: config.host, log, ports, pacer, createVoiceActivity })
    : createInbound({
        host: config.host,
        log,
        ports,
        pacer,
        agents,
        registry,
        ready: () => missing().length === 0,
        onCallUp: (call) => void warmer.warm(call.description.agent),
        services: {
          log,
          chat,
          speech,
          transcription,
          smartTurn,
          phrases,
          events,
          createVoiceActivity,
          openRecording: (key) => openRecordingFile(join(config.dataDir, 'artifacts'), key),
          onCallOver: (callId) => registry.remove(callId),
        },
      })

  const http = createControlApi({
    registry,
    missing,
    metrics: async () => (await metricsText(metrics)).body,
    counts: () => ({
      calls: registry.size,
      pendingCalls: registry.pending,
      portsInUse: ports.used,
      pacedStreams: pacer.size,
      ...handleCounts(),
    }),
  })
  await http.listen({ host: config.host === '0.0.0.0' ? '127.0.0.1' : config.host, port: config.httpPort })
  control = new CallControl({ ...config.drachtio, log, onCall })
  control.connect()
  log.info({ sip: config.drachtio, httpPort: config.httpPort, echo: config.echo }, 'media is up')

  return {
    async stop() {
      log.info({ calls: registry.size }, 'draining')
      await registry.drain(config.drainMs)
      const rest = registry.all()
      for (const call of rest) call.hangUp('shutdown', 0)
      if (rest.length > 0) await registry.drain(HANGUP_WAIT_MS)
      warmUp?.stop()
      warmer.close()
      control?.disconnect()
      await http.close()
      await events.flush(FLUSH_MS)
      await events.close()
      await smartTurn.close()
      await Promise.all([chat.close(), speech.close(), silero.close()])
      log.info('media is down')
    },
  }
}

/** Handles that keep the process busy, by kind, as Node counts them. */
function handleCounts(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
