import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallEvent } from '../shapes/call-event.js'
import { type CallEventReader, type CallEventReaderOptions, createCallEventReader } from './reader.js'
import { silentLog, startTestRedis, type TestRedis, until } from './redis-server.test-helper.js'
import { CALL_EVENT_STREAM, EVENT_FIELD, REJECTED_STREAM } from './stream.js'
import { trimAcknowledged } from './trim.js'

let redis: TestRedis
let readers: CallEventReader[]

beforeEach(async () => {
  redis = await startTestRedis({ durable: false })
  readers = []
})
afterEach(async () => {
  await Promise.all(readers.map((reader) => reader.close()))
  await redis.stop()
})

function open(options: Partial<CallEventReaderOptions> & Pick<CallEventReaderOptions, 'handle'>): CallEventReader {
  const reader = createCallEventReader({
    redisUrl: redis.url,
    log: silentLog,
    isStoreUp: async () => true,
    claimIdleMs: 200,
    ...options,
  })
  readers.push(reader)
  return reader
}

async function add(...seqs: number[]): Promise<void> {
  const client = redis.client()
  for (const seq of seqs) {
    const event: CallEvent = { call_id: 'c1', seq, time: 1, event: { type: 'call.answered' } }
    await client.xadd(CALL_EVENT_STREAM, '*', EVENT_FIELD, JSON.stringify(event))
  }
}

async function pending(): Promise<number> {
  // Before the reader has made its group there is nothing pending.
  const reply = await redis
    .client()
    .xpending(CALL_EVENT_STREAM, 'api')
    .catch(() => [0])
  return Number(reply[0])
}

describe('call-event reader', { timeout: 30_000 }, () => {
  it('stores what came while it was not there', async () => {
    await add(0, 1, 2)
    const seen: number[] = []
    open({ handle: async (events) => void seen.push(...events.map(({ seq }) => seq)) })
    await until('all are seen', () => seen.length === 3)
    await add(3)
    await until('the live one is seen', () => seen.length === 4)
    expect(seen).toEqual([0, 1, 2, 3])
    await until('all are acknowledged', async () => (await pending()) === 0)
  })

  it('acknowledges nothing while the database is away, and stores all once it is back', async () => {
    let up = false
    const stored: number[] = []
    const reader = open({
      isStoreUp: async () => up,
      handle: async (events) => {
        if (!up) throw new Error('connection refused')
        stored.push(...events.map(({ seq }) => seq))
      },
    })
    await add(0, 1, 2, 3)
    await until('it has tried', async () => (await pending()) > 0)
    expect(reader.isHealthy()).toBe(false)
    up = true
    await until('all are stored', () => stored.length === 4)
    await until('all are acknowledged', async () => (await pending()) === 0)
    expect(stored).toEqual([0, 1, 2, 3])
    expect(reader.isHealthy()).toBe(true)
  })

  it('takes over what a dead reader had in hand', async () => {
    const client = redis.client()
    await client.xgroup('CREATE', CALL_EVENT_STREAM, 'api', '0', 'MKSTREAM')
    await add(0, 1)
    await client.xreadgroup('GROUP', 'api', 'the-dead', 'COUNT', 10, 'STREAMS', CALL_EVENT_STREAM, '>')
    await add(2)
    const seen = new Set<number>()
    open({
      handle: async (events) => {
        for (const { seq } of events) seen.add(seq)
      },
    })
    await until('all three are seen', () => seen.size === 3)
    await until('all are acknowledged', async () => (await pending()) === 0)
  })

  it('sets an event aside that no store takes, and goes on', async () => {
    const client = redis.client()
    await client.xadd(CALL_EVENT_STREAM, '*', EVENT_FIELD, '{"not":"an event"}')
    await add(0, 1, 2)
    const seen: number[] = []
    open({
      handle: async (events) => {
        if (events.some(({ seq }) => seq === 1)) throw new Error('cannot be stored')
        seen.push(...events.map(({ seq }) => seq))
      },
    })
    await until('the others are stored', () => seen.length === 2)
    await until('all are acknowledged', async () => (await pending()) === 0)
    expect(seen).toEqual([0, 2])
    expect(await client.xlen(REJECTED_STREAM)).toBe(2)
  })

  it('goes on when Redis comes back without its group', async () => {
    const seen: number[] = []
    open({ handle: async (events) => void seen.push(...events.map(({ seq }) => seq)) })
    await add(0)
    await until('the first is seen', () => seen.length === 1)
    await redis.crash()
    await redis.start()
    await add(1)
    await until('the second is seen', () => seen.length === 2)
    expect(seen).toEqual([0, 1])
  })

  it('trims only what every group has acknowledged', async () => {
    const client = redis.client()
    await client.xgroup('CREATE', CALL_EVENT_STREAM, 'slow', '0', 'MKSTREAM')
    await add(0, 1, 2, 3)
    let stored = 0
    open({
      handle: async (events) => {
        stored += events.length
      },
    })
    await until('stored and acknowledged', async () => stored === 4 && (await pending()) === 0)
    expect(await trimAcknowledged(client, CALL_EVENT_STREAM)).toBe(0)
    await client.xreadgroup('GROUP', 'slow', 'one', 'COUNT', 3, 'STREAMS', CALL_EVENT_STREAM, '>')
    const entries = await client.xrange(CALL_EVENT_STREAM, '-', '+')
    await client.xack(CALL_EVENT_STREAM, 'slow', entries[0]?.[0] ?? '', entries[1]?.[0] ?? '')
    expect(await trimAcknowledged(client, CALL_EVENT_STREAM)).toBe(2)
    expect(await client.xlen(CALL_EVENT_STREAM)).toBe(2)
  })
})
