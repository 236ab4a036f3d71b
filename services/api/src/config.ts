import { join, resolve } from 'node:path'

/** A setting that cannot be used; the message says which and what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

export interface Config {
  host: string
  port: number
  apiKey: string | undefined
  logLevel: string
  redisUrl: string
  databaseUrl: string | undefined
  databaseFolder: string
  artifactFolder: string
  mediaUrl: string | undefined
  llmUrl: string | undefined
  asrUrl: string | undefined
  ttsUrl: string | undefined
  /** How long a call is kept after its end; null for ever. */
  retentionMs: number | null
}

const DAY_MS = 24 * 3_600_000

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new ConfigError(`${name} must be a whole number from ${min} to ${max}, and is '${text}'`)
}

function address(name: string, text: string | undefined, protocols: readonly string[]): string | undefined {
  if (text === undefined) return undefined
  const fits = URL.canParse(text) && protocols.includes(new URL(text).protocol)
  if (!fits) throw new ConfigError(`${name} must be an address that begins with ${protocols.join('// or ')}//`)
  return text.replace(/\/+$/, '')
}

/** Reads the environment. @throws ConfigError */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const get = (name: string): string | undefined => {
    const text = env[name]?.trim()
    return text === '' ? undefined : text
  }
  const host = get('HOTLINE_HOST') ?? '127.0.0.1'
  const apiKey = get('HOTLINE_API_KEY')
  if (apiKey === undefined && !isLoopback(host)) {
    throw new ConfigError(`HOTLINE_HOST=${host} opens the API to the network: set HOTLINE_API_KEY, too`)
  }
  const data = resolve(get('HOTLINE_DATA') ?? './data')
  const days = wholeNumber('HOTLINE_RETENTION_DAYS', get('HOTLINE_RETENTION_DAYS') ?? '30', 0, 36_500)
  const web = ['http:', 'https:']
  return {
    host,
    port: wholeNumber('HOTLINE_PORT', get('HOTLINE_PORT') ?? '8080', 0, 65_535),
    apiKey,
    logLevel: get('HOTLINE_LOG_LEVEL') ?? 'info',
    redisUrl: address('REDIS_URL', get('REDIS_URL'), ['redis:', 'rediss:']) ?? 'redis://127.0.0.1:6379',
    databaseUrl: address('DATABASE_URL', get('DATABASE_URL'), ['postgres:', 'postgresql:']),
    databaseFolder: join(data, 'database'),
    artifactFolder: join(data, 'artifacts'),
    mediaUrl: address('MEDIA_URL', get('MEDIA_URL'), web),
    llmUrl: address('LLM_URL', get('LLM_URL'), web),
    asrUrl: address('ASR_URL', get('ASR_URL'), ['ws:', 'wss:', ...web]),
    ttsUrl: address('TTS_URL', get('TTS_URL'), web),
    retentionMs: days === 0 ? null : days * DAY_MS,
  }
}
