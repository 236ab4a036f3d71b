import { z } from 'zod'

const port = z.coerce.number().int().min(1).max(65_535)

const Environment = z.object({
  HOTLINE_HOST: z.string().default('127.0.0.1'),
  HOTLINE_MEDIA_PORT: port.default(8090),
  HOTLINE_RTP_PORTS: z
    .string()
    .regex(/^\d+-\d+$/, 'HOTLINE_RTP_PORTS must look like 20000-29999')
    .default('20000-29999'),
  HOTLINE_DATA: z.string().default('./data'),
  HOTLINE_MODELS: z.string(),
  HOTLINE_MAX_CALLS: z.coerce.number().int().min(1).default(100),
  HOTLINE_DRAIN_MS: z.coerce.number().int().min(0).default(10_000),
  HOTLINE_API_KEY: z.string().optional(),
  HOTLINE_LOG_LEVEL: z.string().default('info'),
  HOTLINE_ECHO: z.enum(['0', '1']).default('0'),
  DRACHTIO_HOST: z.string().default('127.0.0.1'),
  DRACHTIO_PORT: port.default(9022),
  DRACHTIO_SECRET: z.string().default('cymru'),
  REDIS_URL: z.string(),
  API_URL: z.string(),
  LLM_URL: z.string(),
  ASR_URL: z.string(),
  TTS_URL: z.string(),
})

/** What the media process runs with; read once from the environment. */
export interface MediaConfig {
  host: string
  httpPort: number
  rtp: { minPort: number; maxPort: number }
  dataDir: string
  modelsDir: string
  maxCalls: number
  /** How long SIGTERM waits for calls to end by themselves, ms. */
  drainMs: number
  apiKey: string | undefined
  logLevel: string
  /** Bench mode: every call hears its own voice back, with VAD but without models. */
  echo: boolean
  drachtio: { host: string; port: number; secret: string }
  redisUrl: string
  apiUrl: string
  llmUrl: string
  asrUrl: string
  ttsUrl: string
}

/** Throws with one line for each variable that is missing or wrong. */
export function readConfig(env: NodeJS.ProcessEnv): MediaConfig {
  const parsed = Environment.safeParse(env)
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'))
  }
  const e = parsed.data
  const [minPort = 0, maxPort = 0] = e.HOTLINE_RTP_PORTS.split('-').map(Number)
  if (minPort < 1024 || maxPort > 65_535 || maxPort <= minPort) {
    throw new Error(`HOTLINE_RTP_PORTS: ${e.HOTLINE_RTP_PORTS} is not a range within 1024-65535`)
  }
  return {
    host: e.HOTLINE_HOST,
    httpPort: e.HOTLINE_MEDIA_PORT,
    rtp: { minPort, maxPort },
    dataDir: e.HOTLINE_DATA,
    modelsDir: e.HOTLINE_MODELS,
    maxCalls: e.HOTLINE_MAX_CALLS,
    drainMs: e.HOTLINE_DRAIN_MS,
    apiKey: e.HOTLINE_API_KEY,
    logLevel: e.HOTLINE_LOG_LEVEL,
    echo: e.HOTLINE_ECHO === '1',
    drachtio: { host: e.DRACHTIO_HOST, port: e.DRACHTIO_PORT, secret: e.DRACHTIO_SECRET },
    redisUrl: e.REDIS_URL,
    apiUrl: e.API_URL.replace(/\/$/, ''),
    llmUrl: e.LLM_URL,
    asrUrl: e.ASR_URL,
    ttsUrl: e.TTS_URL,
  }
}
