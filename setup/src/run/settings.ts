import { isIP } from 'node:net'
import { SetupFailure } from '../failure.js'

/** What a person decides about a start, from the environment. Ports that only the platform uses are chosen elsewhere. */
export interface RunSettings {
  readonly host: string
  readonly httpPort: number
  readonly sipPort: number
  readonly rtp: { readonly first: number; readonly last: number }
  /** How long calls in progress may go on after Ctrl-C, ms. */
  readonly drainMs: number
  readonly signaling: 'embedded' | 'drachtio'
  /** Services that run elsewhere: their worker is not started here. */
  readonly redisUrl: string | undefined
  readonly llmUrl: string | undefined
  readonly asrUrl: string | undefined
  readonly ttsUrl: string | undefined
  /** A file that gets process ids and ports once everything is ready. */
  readonly stateFile: string | undefined
}

/** Reads and checks the environment. @throws SetupFailure that names the variable. */
export function readRunSettings(env: NodeJS.ProcessEnv): RunSettings {
  const text = (name: string) => env[name]?.trim() || undefined
  const host = text('HOTLINE_HOST') ?? '127.0.0.1'
  if (isIP(host) === 0 && host !== 'localhost') {
    throw new SetupFailure(`HOTLINE_HOST is ${host}, which is no IP address.`, 'Set it to the address to listen on.')
  }
  if (!isLoopback(host) && !text('HOTLINE_API_KEY')) {
    throw new SetupFailure(
      `HOTLINE_HOST=${host} would open the platform to the network without a key.`,
      'Set HOTLINE_API_KEY to a long random text, too; callers of the API send it as a bearer token.',
    )
  }
  const signaling = text('SIP_SIGNALING') ?? 'embedded'
  if (signaling !== 'embedded' && signaling !== 'drachtio') {
    throw new SetupFailure(`SIP_SIGNALING is ${signaling}.`, 'It may be embedded (the default) or drachtio.')
  }
  return {
    host,
    httpPort: wholeNumber('HOTLINE_PORT', text('HOTLINE_PORT'), 8080, 1, 65_535),
    sipPort: wholeNumber('HOTLINE_SIP_PORT', text('HOTLINE_SIP_PORT'), 5060, 1, 65_535),
    rtp: portRange(text('HOTLINE_RTP_PORTS') ?? '20000-29999'),
    drainMs: wholeNumber('HOTLINE_DRAIN_MS', text('HOTLINE_DRAIN_MS'), 10_000, 0, 3_600_000),
    signaling,
    redisUrl: text('REDIS_URL'),
    llmUrl: text('LLM_URL'),
    asrUrl: text('ASR_URL'),
    ttsUrl: text('TTS_URL'),
    stateFile: text('HOTLINE_STATE_FILE'),
  }
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** A whole number between two bounds; `fallback` when the variable is unset. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  fallback: number,
  low: number,
  high: number,
): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (Number.isInteger(value) && value >= low && value <= high) return value
  throw new SetupFailure(`${name} is ${text}.`, `It must be a whole number from ${low} to ${high}.`)
}

function portRange(text: string): { first: number; last: number } {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text)?.map(Number) ?? []
  if (first !== undefined && last !== undefined && first >= 1024 && last <= 65_535 && last > first)
    return { first, last }
  throw new SetupFailure(`HOTLINE_RTP_PORTS is ${text}.`, 'It must be a range such as 20000-29999, within 1024-65535.')
}
