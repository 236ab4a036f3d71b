import type { StorageLog } from '../log.js'
import type { Item } from './item.js'
import { CALL_EVENT_STREAM, connectRedis, EVENT_FIELD, type OpenCall, openCallsKey } from './stream.js'

const RETAINED_AT_MOST = 20_000
const OPEN_CALLS_TTL_SECONDS = 7 * 24 * 3600

export interface EventLinkOptions {
  redisUrl: string
  log: StorageLog
  maxStreamEntries: number
  resendWindowMs: number
  /** Called when Redis is there (again). */
  onReady: () => void
}

/** The writer's side of Redis: appends to the stream and keeps the books of calls in progress. */
export interface EventLink {
  connected(): boolean
  /** True when Redis has taken all of them; on false the link pauses for a moment. */
  send(items: readonly Item[]): Promise<boolean>
  /** Events sent shortly before the connection was lost, oldest first: Redis may have forgotten them. */
  readonly resend: Item[]
  openCalls(): Promise<Record<string, string>>
  /** Whether this process has sent events of this call and not its end. */
  isOpenHere(callId: string): boolean
  setWriterId(id: string): void
  close(): void
}

export function createEventLink(options: EventLinkOptions): EventLink {
  const { log } = options
  const redis = connectRedis(options.redisUrl)
  const startedAt = new Map<string, number>()
  const resend: Item[] = []
  let retained: { item: Item; sentAt: number }[] = []
  let pausedUntil = 0
  let writerId = ''
  let away = false

  const wentAway = (reason: string): void => {
    if (!away) log.warn({ reason }, 'call events: Redis is away, events wait here')
    away = true
  }
  redis.on('error', (error: Error) => wentAway(error.message))
  redis.on('ready', () => {
    if (away) log.info({ resent: retained.length }, 'call events: Redis is back')
    away = false
    resend.push(...retained.map(({ item }) => item))
    retained = []
    pausedUntil = 0
    options.onReady()
  })

  function pipelineOf(items: readonly Item[]) {
    const pipeline = redis.pipeline()
    const key = openCallsKey(writerId)
    for (const item of items) {
      pipeline.xadd(CALL_EVENT_STREAM, '*', EVENT_FIELD, item.line)
      if (item.endsCall) {
        pipeline.hdel(key, item.callId)
        startedAt.delete(item.callId)
        continue
      }
      const began = startedAt.get(item.callId) ?? item.time
      startedAt.set(item.callId, began)
      const open: OpenCall = { seq: item.seq, startedAt: began, lastAt: item.time }
      pipeline.hset(key, item.callId, JSON.stringify(open))
    }
    pipeline.expire(key, OPEN_CALLS_TTL_SECONDS)
    pipeline.xlen(CALL_EVENT_STREAM)
    return pipeline
  }

  function retain(items: readonly Item[]): void {
    const now = Date.now()
    for (const item of items) retained.push({ item, sentAt: now })
    let old = Math.max(0, retained.length - RETAINED_AT_MOST)
    while (old < retained.length && now - (retained[old]?.sentAt ?? now) > options.resendWindowMs) old += 1
    if (old > 0) retained.splice(0, old)
  }

  return {
    resend,
    connected: () => redis.status === 'ready' && Date.now() >= pausedUntil,
    isOpenHere: (callId) => startedAt.has(callId),
    openCalls: () => redis.hgetall(openCallsKey(writerId)),
    setWriterId(id) {
      writerId = id
    },

    async send(items) {
      try {
        const results = (await pipelineOf(items).exec()) ?? []
        for (const [error] of results) if (error) throw error
        retain(items)
        const entries = results.at(-1)?.[1]
        if (typeof entries === 'number' && entries > options.maxStreamEntries) {
          wentAway(`nobody reads: ${entries} entries in the stream`)
          pausedUntil = Date.now() + 1_000
        }
        return true
      } catch (error) {
        wentAway(error instanceof Error ? error.message : String(error))
        pausedUntil = Date.now() + 250
        return false
      }
    },

    close: () => redis.disconnect(),
  }
}
