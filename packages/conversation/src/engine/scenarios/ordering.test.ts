import { expect, test } from 'vitest'
import { createEngine, step } from '../engine.js'
import { simulate } from '../testing/simulation.js'

test('R3 an announcement asked for while a reply runs is queued behind it and said once', () => {
  const call = simulate({ tts: { durationMs: 3000 } })
    .answer()
    .speaks(0, 1000, 'hello there')
  call.at(3000, { type: 'say', text: 'It rains by the way.', interruptible: true }).run(20_000)
  expect(call.records('agent.said').map(({ kind, text }) => [kind, text])).toEqual([
    ['reply', 'This is the reply.'],
    ['said', 'It rains by the way.'],
  ])
  expect(call.effects('tts.request').map(({ text }) => text)).toEqual(['This is the reply.', 'It rains by the way.'])
})

test('R3 an announcement does not fall into the middle of a reply that is still being written', () => {
  const replies = ['First comes this. Then comes that. And then the end.']
  const call = simulate({ llm: { tokenMs: 150, replies } })
    .answer()
    .speaks(0, 1000, 'hello there')
  call.at(2300, { type: 'say', text: 'News.', interruptible: true }).run(20_000)
  expect(
    call
      .effects('tts.request')
      .map(({ text }) => text)
      .at(-1),
  ).toBe('News.')
})

test('R4 the caller’s words come before the reply to them, in history and by their time', () => {
  const call = simulate().answer().speaks(0, 1000, 'hello there').run(9000)
  expect(call.history()).toEqual(['user: hello there', 'assistant: This is the reply.'])
  const said = call.records('caller.said')[0]
  const reply = call.records('agent.said')[0]
  expect(said?.endMs).toBeLessThan(reply?.startMs ?? 0)
})

test('N2 a spike that VAD never reported as speech does not block the next commit', () => {
  const call = simulate().answer().at(500, { type: 'caller.speech_stopped', lastVoicedMs: 400 })
  expect(call.speaks(1000, 2000, 'hello there').run(9000).commits()).toEqual([2500])
})

test('N3 speech too quiet for VAD ends on its budget, not by the watchdog', () => {
  const settings = { endOfTurn: { minDelayMs: 350 } }
  const call = simulate({ settings, asr: { partialMs: 100, finalMs: 50 } }).answer()
  call.speaks(0, 1000, 'hello there').speaks(6000, 6500, 'yes please', true).run(9000)
  expect(call.commits()[1]).toBeLessThan(7100)
})

test('L1 an end of speech from before its start reports no delay', () => {
  const call = simulate().answer().at(20_100, { type: 'caller.speech_started', startMs: 20_000 })
  call.at(21_000, { type: 'caller.speech_stopped', lastVoicedMs: -200_000 })
  call.at(21_100, { type: 'asr.final', turnId: 'turn-1', revision: 0, text: 'hello there' }).run(30_000)
  expect(call.records('agent.said').map(({ kind }) => kind)).toContain('reply')
  expect(call.records('turn.completed')).toEqual([])
})

test('L2 a barge-in leaves nothing of the old timings to the next turn, and the first of each stage counts', () => {
  const replies = ['First comes this. Then comes that.', 'Second answer now. And more of it.']
  const call = simulate({ llm: { replies } })
    .answer()
    .speaks(0, 1000, 'hello there')
    .speaks(2600, 3600, 'something else')
    .run(20_000)
  expect(call.records('turn.completed').map(({ turn }) => turn)).toMatchObject([
    { turnId: 'turn-1', speechEndMs: 1000, latencyMs: 1030 },
    {
      turnId: 'turn-2',
      speechEndMs: 3600,
      latencyMs: 1030,
      stages: {
        endpointing: 500,
        transcription: 0,
        llmFirstToken: 300,
        llmFirstClause: 30,
        ttsFirstAudio: 200,
        egress: 0,
      },
    },
  ])
})

test('L2 a retried reply shows its lost time where it was lost', () => {
  const replies = [{ text: '', failsAfterTokens: 0, retryable: true }, 'Fine.']
  const call = simulate({ llm: { replies } }).answer().speaks(0, 1000, 'hello there').run(9000)
  expect(call.records('turn.completed')[0]?.turn).toMatchObject({
    latencyMs: 1310,
    stages: { endpointing: 500, llmFirstToken: 600 },
  })
})

test('a thirty-second conversation takes a blink, and the same events give the same conversation', () => {
  const call = simulate({ asr: { partialMs: 200 } }).answer()
  for (let ms = 1000; ms < 28_000; ms += 6000) call.speaks(ms, ms + 2000, 'tell me more of it')
  call.run(30_000)
  expect(call.commits()).toHaveLength(5)
  const replay = () =>
    call.events.reduce((state, { event, atMs }) => step(state, event, atMs).state, createEngine(call.settings))
  expect(replay()).toEqual(call.state())
  const before = performance.now()
  for (let round = 0; round < 20; round++) replay()
  expect((performance.now() - before) / 20).toBeLessThan(50)
})
