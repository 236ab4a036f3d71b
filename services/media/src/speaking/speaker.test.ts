import type { EngineEvent } from '@hotline/conversation'
import type { SpeechClient, SpeechRequest } from '@hotline/inference'
import { expect, it, vi } from 'vitest'
import { PhraseCache } from './phrase-cache.js'
import { Playout } from './playout.js'
import { Speaker } from './speaker.js'

type Synthesis = (request: SpeechRequest) => AsyncGenerator<Int16Array, void, undefined>

function setUp(synthesize: Synthesis, cache = new PhraseCache()) {
  const events: EngineEvent[] = []
  const playout = new Playout(() => {})
  const client: SpeechClient = { synthesize, voices: async () => [], close: async () => {} }
  const speaker = new Speaker({
    client,
    cache,
    playout,
    voice: 'joe',
    speed: 1,
    firstAudioTimeoutMs: 1000,
    fixedPhrases: new Set(['Hello.']),
    emit: (event) => events.push(event),
  })
  const request = (segmentId: string, text: string) => speaker.request({ responseId: 'resp-1', segmentId, text })
  return { events, playout, speaker, request, types: () => events.map((event) => event.type) }
}

it('synthesises one clause at a time, in the order asked', async () => {
  const asked: string[] = []
  let running = 0
  const { request, types } = setUp(async function* ({ text }) {
    asked.push(text)
    expect(++running).toBe(1)
    await Promise.resolve()
    yield new Int16Array(160)
    running--
  })
  request('seg-1', 'One,')
  request('seg-2', 'two.')
  await vi.waitFor(() => expect(types()).toEqual(['tts.started', 'tts.finished', 'tts.started', 'tts.finished']))
  expect(asked).toEqual(['One,', 'two.'])
})

it('stops the synthesis of a response that was cut, and says nothing more of it', async () => {
  let aborted = false
  const { request, speaker, types } = setUp(async function* ({ signal }) {
    yield new Int16Array(160)
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
    aborted = true
    throw new Error('aborted')
  })
  request('seg-1', 'One,')
  request('seg-2', 'two.')
  await vi.waitFor(() => expect(types()).toEqual(['tts.started']))
  speaker.cancel('resp-1')
  await vi.waitFor(() => expect(aborted).toBe(true))
  await Promise.resolve()
  expect(types()).toEqual(['tts.started'])
})

it('does not leave a dead segment in front of the next one when the synthesizer fails', async () => {
  const { request, playout, types } = setUp(async function* ({ text }) {
    if (text === 'bad') throw new Error('worker is gone')
    yield new Int16Array(160).fill(9000)
  })
  request('seg-1', 'bad')
  request('seg-2', 'good')
  await vi.waitFor(() => expect(types()).toEqual(['tts.failed', 'tts.started', 'tts.finished']))
  expect(playout.frame()?.[0]).toBe(9000)
})

it('says a fixed phrase from the cache when the synthesizer is down', async () => {
  const cache = new PhraseCache()
  const first = setUp(async function* () {
    yield new Int16Array(320).fill(7000)
  }, cache)
  first.request('seg-1', 'Hello.')
  await vi.waitFor(() => expect(first.types()).toContain('tts.finished'))
  const second = setUp(async function* () {
    yield* []
    throw new Error('worker is gone')
  }, cache)
  second.request('seg-1', 'Hello.')
  expect(second.types()).toEqual(['tts.started', 'tts.finished'])
  expect(second.playout.frame()?.[0]).toBe(7000)
})

it('keeps no caller-specific sentence in the cache', async () => {
  const cache = new PhraseCache()
  const { request, types } = setUp(async function* () {
    yield new Int16Array(160)
  }, cache)
  request('seg-1', 'Your table is booked, Mrs. Smith.')
  await vi.waitFor(() => expect(types()).toContain('tts.finished'))
  expect(cache.has({ text: 'Your table is booked, Mrs. Smith.', voice: 'joe', speed: 1 })).toBe(false)
})

it('is not mute for the rest of the call after a synthesis that stalled was cancelled', async () => {
  let stall = true
  const { request, playout, speaker, types } = setUp(async function* ({ signal }) {
    if (stall) await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
    if (signal?.aborted) throw new Error('aborted')
    yield new Int16Array(160).fill(9000)
  })
  request('seg-1', 'One.')
  await Promise.resolve()
  stall = false
  speaker.cancel('resp-1')
  request('seg-2', 'Two.')
  await vi.waitFor(() => expect(types()).toContain('tts.finished'))
  expect(playout.frame()?.[0]).toBe(9000)
})
