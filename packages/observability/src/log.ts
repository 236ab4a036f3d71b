import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'

/** The logger that every service and package takes. */
export type Log = Logger

export interface LogOptions {
  /** Name of the process, on every line as `service`. */
  service: string
  /** pino's levels and `silent`. Default `info`. */
  level?: string
  /** Where lines go; standard output unless given. */
  destination?: DestinationStream
}

/**
 * Keys whose values never reach a log, wherever they stand in the first three levels of a line's object: what
 * people said or wrote, who they are, and secrets. Callers' words are personal data and belong in stores only.
 */
export const PRIVATE_KEYS: readonly string[] = [
  'text',
  'full_text',
  'fullText',
  'transcript',
  'content',
  'messages',
  'instructions',
  'greeting',
  'input',
  'digit',
  'digits',
  'from',
  'to',
  'authorization',
  'cookie',
  'password',
  'secret',
  'api_key',
  'apiKey',
]

/** JSON lines on standard output, with time, level and service; private keys are censored. */
export function createLog(options: LogOptions): Log {
  const settings: LoggerOptions = {
    level: options.level ?? 'info',
    base: { service: options.service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: PRIVATE_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: '[private]',
    },
  }
  return options.destination ? pino(settings, options.destination) : pino(settings)
}
