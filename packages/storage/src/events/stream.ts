import { Redis, type RedisOptions } from 'ioredis'
import { CallEvent } from '../shapes/call-event.js'

/** The Redis stream that carries every call's events from media to the API. */
export const CALL_EVENT_STREAM = 'hotline:call-events'

/** Entries that no database could take, kept for inspection; bounded. */
export const REJECTED_STREAM = 'hotline:call-events:rejected'

/** Hash of one writer's calls in progress: call id → `OpenCall` as JSON. */
export const openCallsKey = (writerId: string): string => `hotline:open-calls:${writerId}`

/** What is remembered of a call in progress, enough to end it when its process dies. Times in Unix ms. */
export interface OpenCall {
  seq: number
  startedAt: number
  lastAt: number
}

/** The field of a stream entry that holds the event as JSON. */
export const EVENT_FIELD = 'event'

export class MalformedCallEventError extends Error {
  override name = 'MalformedCallEventError'
}

/** Reads one entry's fields. @throws MalformedCallEventError, without any of the entry's text in it */
export function decodeEntry(fields: readonly string[]): CallEvent {
  const at = fields.indexOf(EVENT_FIELD)
  const text = at % 2 === 0 ? fields[at + 1] : undefined
  if (text === undefined) throw new MalformedCallEventError('entry has no event field')
  return decodeEvent(text)
}

/** Reads one event from JSON. @throws MalformedCallEventError */
export function decodeEvent(text: string): CallEvent {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new MalformedCallEventError('event is not JSON')
  }
  const parsed = CallEvent.safeParse(json)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`).join(', ')
  throw new MalformedCallEventError(`event does not fit its schema (${where})`)
}

/** A connection on which a command fails quickly when Redis is away, and which comes back by itself. */
export function connectRedis(url: string, options: RedisOptions = {}): Redis {
  return new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // Commands in flight fail as soon as the connection is lost.
    maxRetriesPerRequest: 0,
    commandTimeout: 5_000,
    connectTimeout: 3_000,
    keepAlive: 5_000,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1_000),
    ...options,
  })
}
