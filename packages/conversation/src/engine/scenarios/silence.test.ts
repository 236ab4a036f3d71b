import { expect, test } from 'vitest'
import { simulate } from '../testing/simulation.js'

const settings = { noInput: { timeoutMs: 4000 } }

test('I1 the silence counts from the agent’s last word, and either side speaking ends it', () => {
  const call = simulate({ settings }).answer().speaks(0, 1000, 'hello there').run(4040)
  expect(call.state().timers.idle?.atMs).toBe(8040)
  call.at(7000, { type: 'caller.speech_started', startMs: 6900 }).run(7000)
  expect(call.state().timers.idle).toBeUndefined()
})

test('I1 re-prompts come one after the other, then the goodbye, then the hang-up after its last word', () => {
  const call = simulate({ settings }).answer().run(60_000)
  expect(call.records('no_input').map(({ atMs, attempt }) => [atMs, attempt])).toEqual([
    [4000, 1],
    [10_200, 2],
    [16_400, 3],
  ])
  expect(call.records('agent.said').map(({ kind }) => kind)).toEqual(['reprompt', 'reprompt', 'goodbye'])
  expect(call.effects('call.hangup')).toEqual([{ atMs: 18_600, type: 'call.hangup', cause: 'no_input' }])
})

test('I1 a turn starts the count of re-prompts anew', () => {
  const call = simulate({ settings }).answer().speaks(7000, 8000, 'yes I am here').run(60_000)
  expect(call.records('no_input').map(({ attempt }) => attempt)).toEqual([1, 1, 2, 3])
})

test('I2 an agent stopped by a barge-in starts no timer while the caller speaks', () => {
  const call = simulate({ settings, tts: { durationMs: 5000 } }).answer()
  call.speaks(0, 1000, 'hello there').at(3100, { type: 'caller.speech_started', startMs: 3000 })
  call.at(3400, { type: 'asr.partial', text: 'but what about my' }).run(9000)
  expect(call.records('agent.said')[0]?.interrupted).toBe(true)
  expect(call.state().timers.idle).toBeUndefined()
})

test('I3 no timer runs while the answer is being made', () => {
  const failures = { llmFirstTokenMs: 20_000 }
  const call = simulate({ settings: { ...settings, failures }, llm: { firstTokenMs: 9000 } }).answer()
  call.speaks(0, 1000, 'hello there').run(9000)
  expect(call.records('no_input')).toEqual([])
})

test('I4 text that VAD missed restarts the silence if it is final, not if it is partial', () => {
  const partial = simulate({ settings, asr: { finalMs: 50 } })
    .answer()
    .at(2000, { type: 'asr.partial', text: 'hm so' })
    .run(3900)
  expect(partial.state().timers.idle?.atMs).toBe(4000)
  const final = simulate({ settings }).answer()
  final.at(2000, { type: 'asr.final', turnId: 'turn-9', revision: 0, text: 'hello' }).run(3000)
  expect(final.state().timers.idle?.atMs).toBe(6000)
})

test('hold suspends the silence, and taking the call back starts it in full', () => {
  const call = simulate({ settings }).answer().at(1000, { type: 'call.held', held: true }).run(30_000)
  expect(call.records('no_input')).toEqual([])
  call.at(31_000, { type: 'call.held', held: false }).run(34_999)
  expect(call.records('no_input')).toEqual([])
  expect(call.run(35_000).records('no_input')).toHaveLength(1)
})

test('on hold the agent pauses in mid-word and goes on from there', () => {
  const call = simulate().answer().speaks(0, 1000, 'hello there')
  call.at(3000, { type: 'call.held', held: true }).at(9000, { type: 'call.held', held: false }).run(12_000)
  expect(call.audible()).toEqual([
    [2040, 3000],
    [9000, 10_040],
  ])
})

test('words over the last goodbye take the call back, a noise does not', () => {
  const words = simulate({ settings }).answer().speaks(17_000, 18_000, 'sorry I am here').run(20_000)
  expect(words.effects('call.hangup')).toEqual([])
  expect(words.records('agent.said').at(-1)?.kind).toBe('goodbye')
  expect(words.commits()).toHaveLength(1)
  const noise = simulate({ settings }).answer().speaks(17_000, 17_700).run(40_000)
  expect(noise.effects('call.hangup')).toHaveLength(1)
})

test('G1 an incoming call is greeted at once', () => {
  const call = simulate({ settings: { greeting: 'Hello.' } })
    .answer()
    .run(100)
  expect(call.effects('tts.request').map(({ atMs, text }) => [atMs, text])).toEqual([[0, 'Hello.']])
})

test('G1 on an outgoing call the greeting waits for the callee: silence after speech without text, a set time with text', () => {
  const greeting = { settings: { greeting: 'Hello, Hotline here.' } }
  const silent = simulate(greeting).answer(0, 'outbound').run(9000)
  expect(silent.effects('tts.request')[0]?.atMs).toBe(2000)
  const noText = simulate({ ...greeting, asr: { finalMs: 900 } })
    .answer(0, 'outbound')
    .speaks(500, 1200)
    .run(9000)
  expect(noText.effects('tts.request')[0]?.atMs).toBeLessThanOrEqual(2400)
  const deaf = simulate({ ...greeting, asr: { fails: true } })
    .answer(0, 'outbound')
    .speaks(500, 1200, 'Smith speaking')
    .run(9000)
  expect(deaf.records('agent.said').map(({ kind }) => kind)).toEqual(['greeting'])
  const text = simulate(greeting).answer(0, 'outbound').speaks(500, 1200, 'Smith speaking').run(9000)
  expect(text.effects('tts.request')[0]?.atMs).toBe(2700)
  expect(text.history().slice(0, 2)).toEqual(['user: Smith speaking', 'assistant: Hello, Hotline here.'])
  expect(text.commits()).toEqual([])
})

test('a "hello?" over the greeting interrupts and is answered', () => {
  const call = simulate({ settings: { greeting: 'Hello, how can I help?' } })
    .answer()
    .speaks(500, 1300, 'hello who is this')
  call.run(9000)
  expect(call.commits()).toHaveLength(1)
})
