import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../app.test-helper.js'
import { sweepCalls } from '../platform/retention.js'
import { callEvents, recordingReady } from './fixture.test-helper.js'

let test: TestApp
beforeAll(async () => {
  test = await createTestApp()
}, 60_000)
afterAll(() => test.close(), 30_000)

const get = (url: string, headers: Record<string, string> = {}) => test.app.inject({ method: 'GET', url, headers })

/** Reads an event stream to its end, acting on each event as it comes. */
async function watch(url: string, onEvent: (type: string) => void = () => {}, headers: Record<string, string> = {}) {
  const answer = await fetch(test.app.listeningOrigin + url, { headers })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  const decoder = new TextDecoder()
  let text = ''
  let told = 0
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    const types = [...text.matchAll(/^event: (.+)$/gm)].map(([, type = '']) => type)
    for (const type of types.slice(told)) onEvent(type)
    told = types.length
  }
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
  return { text, ids }
}

describe('/v1/calls', { timeout: 30_000 }, () => {
  it('answers with turns whose stages sum to their latency, and cuts down to nested fields', async () => {
    await test.ingest(callEvents('cut-down'))
    const { data } = (await get('/v1/calls?fields=id,turns.latency_ms,turns.stages&agent=demo&limit=1')).json()
    const [turn] = data[0].turns
    expect(data).toEqual([{ id: 'cut-down', turns: [{ latency_ms: 900, stages: turn.stages }] }])
    expect(Object.values<number>(turn.stages).reduce((sum, ms) => sum + ms, 0)).toBe(900)
    expect((await get('/v1/calls/cut-down?fields=status')).json()).toEqual({ status: 'completed' })
    expect((await get('/v1/calls?fields=turns.nothing')).json().error).toMatchObject({ code: 'unknown_field' })
    expect((await get('/v1/calls/none')).json().error).toMatchObject({ code: 'call_not_found', param: null })
  })

  it('counts a turn once in the histograms though its event is delivered twice', async () => {
    const counted = async () => /turn_latency_seconds_count\{.*\} (\d+)/.exec(await test.registry.metrics())?.[1]
    const before = Number(await counted())
    await test.ingest(callEvents('counted'))
    await test.ingest(callEvents('counted'))
    expect(Number(await counted()) - before).toBe(1)
  })

  it('asks media to hang up and to speak, and tells a call that is over from one that never was', async () => {
    await test.ingest(callEvents('up', 3))
    test.media.known.add('up')
    const post = (url: string, payload?: object) =>
      test.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        ...(payload ? { payload } : {}),
      })
    expect((await post('/v1/calls/up/say', { text: 'One moment.' })).statusCode).toBe(202)
    expect((await post('/v1/calls/up/hangup')).statusCode).toBe(202)
    expect(test.media.asked).toEqual(['up say One moment.', 'up hangup'])
    test.media.known.delete('up')
    expect((await post('/v1/calls/up/hangup')).json().error.code).toBe('call_not_in_progress')
    expect((await post('/v1/calls/none/hangup')).json().error.code).toBe('call_not_found')
    expect((await post('/v1/calls/up/say', {})).json().error).toMatchObject({ param: 'text' })
  })

  it('serves a recording in ranges, and says why there is none', async () => {
    const url = '/v1/calls/recorded/recording'
    await test.ingest(callEvents('recorded', 2))
    expect((await get(url)).json().error.code).toBe('recording_not_ready')
    await test.ingest(callEvents('recorded'))
    expect((await get(url)).json().error.code).toBe('recording_not_found')
    await test.artifacts.put('recordings/recorded.wav', Buffer.from('RIFF0123456789'))
    await test.ingest([recordingReady('recorded')])

    const whole = await get(url)
    expect([whole.statusCode, whole.headers['content-type'], whole.body]).toEqual([200, 'audio/wav', 'RIFF0123456789'])
    const part = await get(url, { range: 'bytes=4-6' })
    expect([part.statusCode, part.headers['content-range'], part.body]).toEqual([206, 'bytes 4-6/14', '012'])
    expect((await get(url, { range: 'bytes=-2' })).body).toBe('89')
    const outside = await get(url, { range: 'bytes=99-' })
    expect([outside.statusCode, outside.headers['content-range']]).toEqual([416, 'bytes */14'])
    expect((await get(url, { 'if-none-match': String(whole.headers.etag) })).statusCode).toBe(304)
    const head = await test.app.inject({ method: 'HEAD', url })
    expect([head.statusCode, head.headers['content-length'], head.body]).toEqual([200, '14', ''])
  })

  it('deletes all of a call, a recording that comes late included', async () => {
    await test.ingest(callEvents('deleted', 3))
    const remove = () => test.app.inject({ method: 'DELETE', url: '/v1/calls/deleted' })
    expect((await remove()).json().error.code).toBe('call_in_progress')
    await test.ingest(callEvents('deleted'))
    expect((await remove()).json()).toEqual({ id: 'deleted', object: 'call.deleted', deleted: true })
    await test.artifacts.put('recordings/deleted.wav', Buffer.from('sound'))
    await test.ingest([...callEvents('deleted'), recordingReady('deleted')])
    expect(await test.artifacts.stat('recordings/deleted.wav')).toBeNull()
    for (const path of ['', '/events', '/recording']) {
      expect((await get(`/v1/calls/deleted${path}`)).statusCode).toBe(404)
    }
  })

  it('shows callers’ words on the front page as text, never as HTML', async () => {
    const page = await get('/')
    expect(page.body).toContain('What &lt;b&gt;time&lt;/b&gt;?')
    expect(page.body).not.toContain('<b>time')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
  })

  it('forgets calls past their retention time and no others', async () => {
    await test.ingest(callEvents('old'))
    await test.ingest(callEvents('still-up', 2))
    const keptMs = 1000
    const removed = await sweepCalls(test, keptMs, 1_700_000_000_004 + keptMs + 1)
    expect(removed).toBeGreaterThan(0)
    expect((await get('/v1/calls/old')).statusCode).toBe(404)
    expect((await get('/v1/calls/still-up')).statusCode).toBe(200)
  })
})

describe('/v1/calls/{id}/events', { timeout: 30_000 }, () => {
  beforeAll(() => test.app.listen({ host: '127.0.0.1', port: 0 }))

  const watchers: Promise<{ text: string; ids: number[] }>[] = []

  it('replays from the start and goes on live until the end, for several watchers', async () => {
    await test.ingest(callEvents('live', 2))
    let ready = 0
    const bothReplayed = new Promise<void>((resolve) => {
      const onEvent = (type: string) => {
        if (type === 'call.answered' && ++ready === 2) resolve()
      }
      watchers.push(watch('/v1/calls/live/events', onEvent), watch('/v1/calls/live/events', onEvent))
    })
    await bothReplayed
    for (const event of callEvents('live').slice(2)) await test.ingest([event])
    for (const { ids } of await Promise.all(watchers)) expect(ids).toEqual([0, 1, 2, 3, 4])
  })

  it('goes on after the last event that a watcher has seen', async () => {
    await test.ingest(callEvents('resumed'))
    const { ids } = await watch('/v1/calls/resumed/events', undefined, { 'last-event-id': '2' })
    expect(ids).toEqual([3, 4])
    const bad = await get('/v1/calls/resumed/events', { 'last-event-id': 'x' })
    expect([bad.statusCode, bad.json().error.param]).toEqual([400, 'last-event-id'])
  })

  it('tells events in order though they were stored out of order', async () => {
    const [e0, e1, e2, e3, e4] = callEvents('shuffled')
    if (!e0 || !e1 || !e2 || !e3 || !e4) throw new Error('the fixture has five events')
    await test.ingest([e0])
    const watching = watch('/v1/calls/shuffled/events')
    await test.ingest([e3, e4])
    await test.ingest([e2])
    await test.ingest([e1])
    expect((await watching).ids).toEqual([0, 1, 2, 3, 4])
  })

  it('keeps a silent stream alive, and ends it when the server stops', async () => {
    await test.ingest(callEvents('silent', 1))
    const watching = watch('/v1/calls/silent/events')
    await new Promise((resolve) => setTimeout(resolve, 2500))
    await test.app.close()
    expect((await watching).text).toContain(': still here\n\n')
  })
})
