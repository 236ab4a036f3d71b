import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallEvent } from '../shapes/call-event.js'
import { silentLog, startTestRedis, type TestRedis } from './redis-server.test-helper.js'
import { CALL_EVENT_STREAM, decodeEntry } from './stream.js'
import { type CallEventWriter, createCallEventWriter } from './writer.js'

let redis: TestRedis
let spoolDir: string
let writers: CallEventWriter[]

beforeEach(async () => {
  spoolDir = await mkdtemp(join(tmpdir(), 'hotline-spool-'))
  writers = []
})
afterEach(async () => {
  for (const writer of writers) await writer.close(100)
  await redis.stop()
  await rm(spoolDir, { recursive: true, force: true })
})

function open(options: { spoolDir?: string; maxQueued?: number } = {}): CallEventWriter {
  const writer = createCallEventWriter({ redisUrl: redis.url, log: silentLog, spoolDir, ...options })
  writers.push(writer)
  return writer
}

function said(seq: number, callId = 'c1'): CallEvent {
  return { call_id: callId, seq, time: 1000 + seq, event: { type: 'dtmf', digit: '1', at_ms: seq } }
}

async function inStream(): Promise<CallEvent[]> {
  const entries = await redis.client().xrange(CALL_EVENT_STREAM, '-', '+')
  return entries.map(([, fields]) => decodeEntry(fields))
}

/** The order in which each event first came. */
function firsts(events: readonly CallEvent[]): number[] {
  return [...new Set(events.map(({ seq }) => seq))]
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, seq) => seq)

describe('call-event writer', { timeout: 30_000 }, () => {
  it('loses nothing when Redis is killed in mid-call and comes back', async () => {
    redis = await startTestRedis({ durable: true })
    const writer = open()
    for (let seq = 0; seq < 3000; seq += 1) {
      writer.write(said(seq))
      if (seq === 1000) void redis.crash()
      if (seq === 2000) await redis.start()
      if (seq % 20 === 0) await sleep(1)
    }
    expect(await writer.flush(15_000)).toBe(true)
    expect(firsts(await inStream())).toEqual(upTo(3000))
    expect(writer.stats().dropped).toBe(0)
  })

  it('sends again what a Redis without a disk forgot in its crash', async () => {
    redis = await startTestRedis({ durable: false })
    const writer = open()
    for (const seq of upTo(50)) writer.write(said(seq))
    expect(await writer.flush(5_000)).toBe(true)
    await redis.crash()
    for (const seq of [50, 51]) writer.write(said(seq))
    await redis.start()
    expect(await writer.flush(10_000)).toBe(true)
    expect(firsts(await inStream())).toEqual(upTo(52))
  })

  it('hands what it could not send to the next process, in order', async () => {
    redis = await startTestRedis({ durable: false })
    await redis.crash()
    const first = open()
    for (const seq of upTo(500)) first.write(said(seq))
    expect(await first.flush(50)).toBe(false)
    await first.close(100)
    const second = open()
    for (const seq of [500, 501]) second.write(said(seq))
    await redis.start()
    expect(await second.flush(10_000)).toBe(true)
    expect(firsts(await inStream()).slice(0, 502)).toEqual(upTo(502))
  })

  it('ends the calls that a dead process left open, once, and none of its own', async () => {
    redis = await startTestRedis({ durable: true })
    const first = open()
    for (const seq of upTo(4)) first.write(said(seq, 'left-open'))
    first.write(said(0, 'over'))
    first.write({
      call_id: 'over',
      seq: 1,
      time: 2000,
      event: {
        type: 'call.ended',
        cause: 'caller_hangup',
        duration_ms: 1,
        usage: { prompt_tokens: 0, completion_tokens: 0, cached_tokens: 0 },
        media: {},
      },
    })
    expect(await first.flush(5_000)).toBe(true)
    await first.close()
    for (let restart = 0; restart < 2; restart += 1) {
      const next = open()
      next.write(said(0, `live-${restart}`))
      await sleep(300)
      expect(await next.flush(5_000)).toBe(true)
      if (restart === 0) {
        const ends = (await inStream()).filter(
          ({ event }) => event.type === 'call.ended' && event.cause === 'media_lost',
        )
        expect(ends).toMatchObject([{ call_id: 'left-open', seq: 4, event: { duration_ms: 3 } }])
      }
      await next.close()
    }
    const lost = (await inStream()).filter(({ event }) => event.type === 'call.ended' && event.cause === 'media_lost')
    expect(lost.map(({ call_id }) => call_id)).toEqual(['left-open', 'live-0'])
  })

  it('neither throws nor grows without end when Redis and disk both refuse', async () => {
    redis = await startTestRedis({ durable: false })
    await redis.crash()
    const blocked = join(spoolDir, 'a-file')
    await writeFile(blocked, '')
    const writer = open({ spoolDir: blocked, maxQueued: 100 })
    for (const seq of upTo(1000)) writer.write(said(seq))
    expect(writer.stats()).toEqual({ queued: 100, connected: false, dropped: 900 })
    await writer.close(100)
  })
})
