import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database/database.js'
import { UnknownCursorError } from '../database/page.js'
import type { Call } from '../shapes/call.js'
import { type CallStore, createCallStore } from './call-store.js'
import { callBodies, callEvents } from './fixture.test-helper.js'

const log = { info() {}, warn() {}, error() {} }
let database: Database
let store: CallStore

beforeAll(async () => {
  database = await openDatabase({ log })
  store = createCallStore(database.db)
}, 60_000)
afterAll(() => database.close())

/** Reads a list page by page, doing something between pages. */
async function walk(limit: number, between: () => Promise<unknown>): Promise<Call[]> {
  const seen: Call[] = []
  let after: string | undefined
  for (;;) {
    const page = await store.list({ limit, after, agent: 'walked' })
    seen.push(...page.items)
    after = page.items.at(-1)?.id
    if (!page.hasMore || after === undefined) return seen
    await between()
  }
}

describe('call store', { timeout: 30_000 }, () => {
  it('makes a record whose turns carry latency, stages, interruption and what was heard of the cut answer', async () => {
    await store.store(callEvents('whole'))
    const call = await store.get('whole')
    expect(call).toMatchObject({
      status: 'completed',
      cause: 'caller_hangup',
      duration_ms: 5000,
      usage: { prompt_tokens: 100, completion_tokens: 20, cached_tokens: 64 },
      recording: { ready: true, duration_ms: 5000, url: '/v1/calls/whole/recording' },
      created_at: 1_700_000_000,
      ended_at: 1_700_000_009,
    })
    expect(call?.transcript.map(({ role, kind, text }) => [role, kind, text])).toEqual([
      ['agent', 'greeting', 'Hello.'],
      ['caller', 'speech', 'What time do you open?'],
      ['agent', 'reply', 'We open at'],
    ])
    expect(call?.turns).toHaveLength(1)
    expect(call?.turns[0]).toMatchObject({
      id: 't1',
      caller: { text: 'What time do you open?', end_ms: 2000 },
      agent: { text: 'We open at', full_text: 'We open at eleven.', interrupted: true },
      latency_ms: 900,
      interruptions: [{ outcome: 'barge_in', at_ms: 3500 }],
    })
    const stages = Object.values(call?.turns[0]?.stages ?? {})
    expect(stages.reduce((sum, ms) => sum + ms, 0)).toBe(900)
  })

  it('counts a repeated event once', async () => {
    const events = callEvents('repeated')
    const first = await store.store(events)
    const again = await store.store([...events, ...events])
    expect([first.inserted.length, again.inserted.length]).toEqual([events.length, 0])
    expect((await store.get('repeated'))?.usage.prompt_tokens).toBe(100)
  })

  it('gives the same record whatever the order in which events came', async () => {
    await store.store(callEvents('in-order'))
    for (const event of callEvents('reversed').reverse()) await store.store([event])
    const strip = (call: Call | null) => ({ ...call, id: '', recording: null })
    expect(strip(await store.get('reversed'))).toEqual(strip(await store.get('in-order')))
  })

  it('does not lose events over characters that Postgres refuses', async () => {
    const bodies = callBodies()
    const odd = {
      type: 'caller.said' as const,
      turn_id: 't1',
      text: 'a\u0000b\ud800c 🙂',
      start_ms: 1,
      end_ms: 2,
      dtmf: false,
    }
    await store.store(callEvents('odd', [bodies[0] ?? odd, odd]))
    expect((await store.get('odd'))?.transcript[0]?.text).toBe('ab\ufffdc 🙂')
  })

  it('shows each call exactly once though calls come and go while the list is read', async () => {
    const begin = (id: string) => store.store(callEvents(id, callBodies('walked').slice(0, 1)))
    for (let n = 0; n < 7; n += 1) await begin(`walked-${n}`)
    let added = 0
    const seen = await walk(1, async () => {
      await begin(`late-${added}`)
      added += 1
    })
    expect(seen.map(({ id }) => id)).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `walked-${n}`))
  })

  it('goes on after a call that was deleted while the list was read', async () => {
    const first = await store.list({ limit: 2, agent: 'walked' })
    const cursor = first.items[1]?.id ?? ''
    const expected = await store.list({ limit: 2, agent: 'walked', after: cursor })
    await store.remove(cursor)
    expect(await store.list({ limit: 2, agent: 'walked', after: cursor })).toEqual(expected)
    await expect(store.list({ limit: 2, after: 'never-was' })).rejects.toBeInstanceOf(UnknownCursorError)
  })

  it('keeps a deleted call deleted when its last events come late', async () => {
    const events = callEvents('forgotten')
    await store.store(events.slice(0, 6))
    expect(await store.remove('forgotten')).toBe(true)
    const late = await store.store(events)
    expect(late).toEqual({ inserted: [], orphanArtifacts: ['recordings/c1.wav'] })
    expect(await store.get('forgotten')).toBeNull()
    expect(await store.events('forgotten', -1, 10)).toEqual([])
    expect(await store.remove('forgotten')).toBe(false)
  })

  it('keeps what the turns counted when the end brings no total', async () => {
    const bodies = callBodies().slice(0, 7)
    const none = { prompt_tokens: 0, completion_tokens: 0, cached_tokens: 0 }
    await store.store(
      callEvents('lost', [
        ...bodies,
        { type: 'call.ended', cause: 'media_lost', duration_ms: 9, usage: none, media: {} },
      ]),
    )
    expect(await store.get('lost')).toMatchObject({ status: 'failed', usage: { prompt_tokens: 100 } })
  })

  it('filters by agent and by status', async () => {
    await store.store(callEvents('running', callBodies('filtered').slice(0, 3)))
    await store.store(callEvents('done', callBodies('filtered')))
    const running = await store.list({ limit: 10, agent: 'filtered', status: 'in_progress' })
    expect(running.items.map(({ id }) => id)).toEqual(['running'])
    expect(await store.countInProgress()).toBeGreaterThan(0)
  })
})
