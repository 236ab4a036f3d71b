import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { reasonOf, type StorageLog } from '../log.js'
import type { CallEvent } from '../shapes/call-event.js'
import { CALL_EVENT_STREAM, connectRedis, decodeEntry, EVENT_FIELD, REJECTED_STREAM } from './stream.js'
import { trimAcknowledged } from './trim.js'

export interface CallEventReaderOptions {
  redisUrl: string
  log: StorageLog
  /** Stores the events; they are acknowledged only after it resolves, and come again when it rejects. */
  handle: (events: CallEvent[]) => Promise<void>
  /** Whether the place that `handle` writes to is there: tells a bad event from a database that is away. */
  isStoreUp: () => Promise<boolean>
  /** Consumer group. Default `api`. */
  group?: string
  /** Name within the group, unlike every other living reader's. Default host name and process id. */
  consumer?: string
  /** Entries that another consumer left unacknowledged for so long are taken over. Default 5,000 ms. */
  claimIdleMs?: number
  /** Default 100. */
  batchSize?: number
}

export interface CallEventReader {
  /** False while Redis is away. */
  isConnected(): boolean
  /** False while Redis is away or the last batch could not be stored. */
  isHealthy(): boolean
  /** Finishes the batch in hand and lets go of Redis. */
  close(): Promise<void>
}

type Entry = [id: string, fields: string[] | null]

const BLOCK_MS = 1_000
const TRIM_EVERY_MS = 5_000
const CONSUMER_GONE_MS = 3_600_000
const REJECTED_AT_MOST = 10_000
const ATTEMPTS_BEFORE_REJECTION = 3

/** Reads the call-event stream as one consumer of a group, from the first entry that the group has not acknowledged. */
export function createCallEventReader(options: CallEventReaderOptions): CallEventReader {
  const { log, handle, group = 'api', claimIdleMs = 5_000, batchSize = 100 } = options
  const consumer = options.consumer ?? `${hostname()}:${process.pid}`
  const redis = connectRedis(options.redisUrl, { commandTimeout: BLOCK_MS + 5_000 })
  const closing = new AbortController()
  let healthy = false
  let storing = false
  let away = false
  let ownPendingRead = false
  let claimAt = 0
  let trimAt = Date.now() + TRIM_EVERY_MS

  redis.on('error', (error: Error) => {
    if (!away) log.warn({ reason: error.message }, 'call events: Redis is away')
    away = true
    healthy = false
  })
  redis.on('ready', () => {
    away = false
    ownPendingRead = false
    claimAt = 0
  })

  async function ensureGroup(): Promise<void> {
    await redis.xgroup('CREATE', CALL_EVENT_STREAM, group, '0', 'MKSTREAM').catch((error: Error) => {
      if (!error.message.includes('BUSYGROUP')) throw error
    })
  }

  async function readGroup(from: '>' | '0'): Promise<Entry[]> {
    const reply = (await redis.xreadgroup(
      ...([
        'GROUP',
        group,
        consumer,
        'COUNT',
        batchSize,
        'BLOCK',
        BLOCK_MS,
        'STREAMS',
        CALL_EVENT_STREAM,
        from,
      ] as const),
    )) as [string, Entry[]][] | null
    return reply?.[0]?.[1] ?? []
  }

  async function claim(): Promise<Entry[]> {
    const reply = (await redis.xautoclaim(
      ...([CALL_EVENT_STREAM, group, consumer, claimIdleMs, '0', 'COUNT', batchSize] as const),
    )) as [string, Entry[], string[]?]
    if (reply[1].length > 0) log.info({ entries: reply[1].length }, 'call events: taken over from a dead reader')
    return reply[1]
  }

  /** What to work on next: own unfinished entries first, then those of dead consumers, then new ones. */
  async function next(): Promise<Entry[]> {
    if (!ownPendingRead) {
      const own = await readGroup('0')
      if (own.length > 0) return own
      ownPendingRead = true
    }
    if (Date.now() >= claimAt) {
      const claimed = await claim()
      if (claimed.length > 0) return claimed
      claimAt = Date.now() + claimIdleMs
    }
    return readGroup('>')
  }

  async function reject(id: string, fields: readonly string[], reason: string): Promise<void> {
    log.error({ id, reason }, 'call events: an event cannot be stored and is set aside')
    await redis.xadd(REJECTED_STREAM, 'MAXLEN', '~', REJECTED_AT_MOST, '*', 'id', id, EVENT_FIELD, fields[1] ?? '')
  }

  /** Stores a batch, however long that takes. An event that alone fails while the store is up is set aside. */
  async function store(entries: readonly Entry[]): Promise<void> {
    const events: { id: string; fields: string[]; event: CallEvent }[] = []
    for (const [id, fields] of entries) {
      if (!fields) continue
      try {
        events.push({ id, fields, event: decodeEntry(fields) })
      } catch (error) {
        await reject(id, fields, reasonOf(error))
      }
    }
    if (events.length === 0) return
    const failed = await attempt(events.map(({ event }) => event))
    if (!failed) return
    for (const { id, fields, event } of events) {
      const reason = await attempt([event])
      if (reason) await reject(id, fields, reason)
    }
  }

  /** Null when stored; the reason when it failed several times though the store was up. Waits while it is not. */
  async function attempt(events: CallEvent[]): Promise<string | null> {
    let failures = 0
    for (let round = 0; !closing.signal.aborted; round += 1) {
      try {
        await handle(events)
        healthy = true
        return null
      } catch (error) {
        healthy = false
        const up = await options.isStoreUp().catch(() => false)
        if (up) failures += 1
        if (failures >= ATTEMPTS_BEFORE_REJECTION) return reasonOf(error)
        if (round % 20 === 0) log.warn({ reason: reasonOf(error), up }, 'call events: cannot be stored, trying again')
        await sleep(Math.min(2_000, 50 * 2 ** Math.min(round, 6)), undefined, { signal: closing.signal }).catch(
          () => {},
        )
      }
    }
    throw new Error('the reader is closing')
  }

  async function tidy(): Promise<void> {
    if (Date.now() < trimAt) return
    trimAt = Date.now() + TRIM_EVERY_MS
    await trimAcknowledged(redis, CALL_EVENT_STREAM)
    await dropGoneConsumers(redis, group, consumer)
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      if (redis.status !== 'ready') {
        await sleep(50)
        continue
      }
      try {
        const entries = await next()
        if (entries.length > 0) {
          storing = true
          await store(entries)
          await redis.xack(CALL_EVENT_STREAM, group, ...entries.map(([id]) => id))
          storing = false
        }
        healthy = true
        if (!closing.signal.aborted) await tidy()
      } catch (error) {
        if (closing.signal.aborted) return
        healthy = false
        storing = false
        ownPendingRead = false
        const reason = reasonOf(error)
        if (reason.includes('NOGROUP')) await ensureGroup().catch(() => {})
        else {
          log.warn({ reason }, 'call events: reading failed, trying again')
          await sleep(200)
        }
      }
    }
  }

  const running = run()
  return {
    isConnected: () => redis.status === 'ready',
    isHealthy: () => healthy && redis.status === 'ready',
    async close() {
      closing.abort()
      // A wait for new entries is cut short; what came in it was not acknowledged and comes again.
      if (!storing) redis.disconnect()
      await running
      redis.disconnect()
    },
  }
}

/** Forgets consumers that are long gone and left nothing: every restart makes a new one. */
async function dropGoneConsumers(redis: Redis, group: string, self: string): Promise<void> {
  const consumers = (await redis.xinfo('CONSUMERS', CALL_EVENT_STREAM, group)) as (string | number)[][]
  for (const reply of consumers) {
    const value = (name: string): string | number | undefined => reply[reply.indexOf(name) + 1]
    const name = String(value('name'))
    if (name === self || Number(value('pending')) > 0 || Number(value('idle')) < CONSUMER_GONE_MS) continue
    await redis.xgroup('DELCONSUMER', CALL_EVENT_STREAM, group, name)
  }
}
