import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Paths } from '../paths.js'
import type { Prepared } from '../prepare/prepare.js'
import type { InternalPorts } from './internal-ports.js'
import type { RunSettings } from './settings.js'

/** The processes of one PoP, in the order in which their logs are listed. */
export type ProcessName = 'redis' | 'llm' | 'speech' | 'api' | 'signaling' | 'media'

/** How to run one of them. */
export interface ProcessSpec {
  readonly name: ProcessName
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Answers 200 once it does its work; undefined where others' readiness says it. */
  readonly readyUrl?: string
  /** How long it may take to end by itself, ms. */
  readonly graceMs: number
  /** Added to the scheduler's niceness: a packet that is late is heard, a token that is late is not. */
  readonly niceness: number
}

/** Everything that the specifications depend on. */
export interface ProcessInputs {
  readonly paths: Paths
  readonly prepared: Prepared
  readonly settings: RunSettings
  readonly ports: InternalPorts
  readonly temporary: string
  /** The environment that the person gave: models, drachtio-server, log level and so on. */
  readonly env: NodeJS.ProcessEnv
}

const GRACE_MS = 10_000
const WORKER_NICENESS = 5
/** Beyond the drain: to say goodbye to calls and flush their events. */
const MEDIA_CLOSING_MS = 5_000
const LOOPBACK = '127.0.0.1'

/** The variables that all processes share: how each finds the others. */
export function sharedEnvironment({ paths, prepared, settings, ports, env }: ProcessInputs): Record<string, string> {
  const speech = `${LOOPBACK}:${ports.speech}/v1`
  const embedded = settings.signaling === 'embedded'
  // An API that listens on every address is reached on loopback; one that listens on a single one, there.
  const apiHost = ['0.0.0.0', '::'].includes(settings.host) ? LOOPBACK : settings.host
  return {
    HOTLINE_HOST: settings.host,
    HOTLINE_PORT: String(settings.httpPort),
    HOTLINE_SIP_PORT: String(settings.sipPort),
    HOTLINE_RTP_PORTS: `${settings.rtp.first}-${settings.rtp.last}`,
    HOTLINE_DRAIN_MS: String(settings.drainMs),
    HOTLINE_DATA: paths.data,
    HOTLINE_CACHE: paths.cache,
    HOTLINE_MODELS: paths.models,
    HOTLINE_LLM_PORT: String(ports.llm),
    HOTLINE_LLM_HEALTH_PORT: String(ports.llmHealth),
    HOTLINE_SPEECH_PORT: String(ports.speech),
    HOTLINE_MEDIA_PORT: String(ports.media),
    HOTLINE_DRACHTIO_PORT: String(ports.drachtio),
    REDIS_URL: settings.redisUrl ?? `redis://${LOOPBACK}:${ports.redis}`,
    LLM_URL: settings.llmUrl ?? `http://${LOOPBACK}:${ports.llm}/v1`,
    LLM_MODEL: env.LLM_MODEL || prepared.languageModel,
    ASR_URL: settings.asrUrl ?? `ws://${speech}`,
    TTS_URL: settings.ttsUrl ?? `http://${speech}`,
    API_URL: `http://${apiHost.includes(':') ? `[${apiHost}]` : apiHost}:${settings.httpPort}`,
    MEDIA_URL: `http://${LOOPBACK}:${ports.media}`,
    DRACHTIO_HOST: embedded ? LOOPBACK : env.DRACHTIO_HOST || LOOPBACK,
    DRACHTIO_PORT: embedded ? String(ports.drachtio) : env.DRACHTIO_PORT || '9022',
    DRACHTIO_SECRET: embedded ? randomBytes(24).toString('hex') : env.DRACHTIO_SECRET || 'cymru',
  }
}

/** The processes that this start runs: those whose work the environment does not point elsewhere. */
export function describeProcesses(inputs: ProcessInputs): ProcessSpec[] {
  const { paths, prepared, settings, ports, temporary } = inputs
  const env = sharedEnvironment(inputs)
  const node = (name: ProcessName, graceMs: number, readyUrl?: string): ProcessSpec => ({
    name,
    program: process.execPath,
    args: ['--enable-source-maps', join('services', name, 'dist', 'main.js')],
    cwd: paths.root,
    env,
    graceMs,
    niceness: 0,
    ...(readyUrl && { readyUrl }),
  })
  const python = (name: 'llm' | 'speech', program: string, readyPort: number): ProcessSpec => ({
    name,
    program,
    args: ['-m', `hotline_${name}`],
    cwd: join(paths.gpuWorker, name),
    // Whatever a killed model server could not remove lies in a folder that goes away with this start.
    env: { ...env, PYTHONUNBUFFERED: '1', PYTHONNOUSERSITE: '1', TMPDIR: temporary },
    graceMs: GRACE_MS,
    niceness: WORKER_NICENESS,
    readyUrl: `http://${LOOPBACK}:${readyPort}/healthz`,
  })
  const specs: ProcessSpec[] = []
  if (!settings.redisUrl && prepared.redisServer) specs.push(redis(prepared.redisServer, paths, ports, env))
  if (!settings.llmUrl) specs.push(python('llm', prepared.envs.llm.python, ports.llmHealth))
  if (!settings.asrUrl || !settings.ttsUrl) specs.push(python('speech', prepared.envs.speech.python, ports.speech))
  specs.push(node('api', GRACE_MS, `${env.API_URL}/readyz`))
  if (settings.signaling === 'embedded') specs.push(node('signaling', GRACE_MS))
  specs.push(node('media', settings.drainMs + MEDIA_CLOSING_MS, `${env.MEDIA_URL}/readyz`))
  return specs
}

function redis(program: string, paths: Paths, ports: InternalPorts, env: Record<string, string>): ProcessSpec {
  const options = {
    port: String(ports.redis),
    bind: LOOPBACK,
    dir: join(paths.data, 'redis'),
    // Every write goes to the journal; snapshots would only add forks.
    appendonly: 'yes',
    save: '',
    loglevel: 'warning',
    // A reader that was away comes back to unread events, so nothing may be evicted.
    'maxmemory-policy': 'noeviction',
  }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  return { name: 'redis', program, args, cwd: paths.root, env, graceMs: GRACE_MS, niceness: 0 }
}
