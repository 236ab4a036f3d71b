import { expect, test } from 'vitest'
import { simulate } from '../testing/simulation.js'

const failing = (text: string, failsAfterTokens: number, retryable = false) => ({ text, failsAfterTokens, retryable })
const kinds = (call: ReturnType<typeof simulate>) => call.records('agent.said').map(({ kind }) => kind)

test('X1 the synthesiser stalls after some audio: the speech ends, the caller hears why, the conversation goes on', () => {
  const trouble = (text: string) => (text.startsWith('This') ? ('starves' as const) : undefined)
  const call = simulate({ tts: { trouble } })
    .answer()
    .speaks(0, 2000, 'hello there')
    .speaks(12_000, 13_000, 'go on')
    .run(20_000)
  expect(kinds(call).slice(0, 2)).toEqual(['reply', 'excuse'])
  expect(call.commits()).toHaveLength(2)
})

test('X2 an LLM without a first token is given up within its budget and the excuse is heard within two seconds', () => {
  const call = simulate({ llm: { replies: ['hangs', 'Fine.'] } })
    .answer()
    .speaks(0, 2000, 'hello there')
    .run(20_000)
  expect(call.effects('llm.cancel')[0]?.atMs).toBe(4000)
  expect(call.audible()[0]?.[0]).toBeLessThan(4500)
  expect(kinds(call)[0]).toBe('excuse')
})

test('X2 a failure before the first token is tried once more, in the same budget', () => {
  const replies = [failing('', 0, true), failing('', 0, true), 'Fine.']
  const call = simulate({ llm: { firstTokenMs: 300, replies } })
    .answer()
    .speaks(0, 2000, 'hello there')
    .run(9000)
  expect(call.commits()).toEqual([2500, 2800])
  expect(kinds(call)[0]).toBe('excuse')
})

test('X2 a failure after the first token is not tried again', () => {
  const call = simulate({ llm: { replies: [failing('Well, this is', 2, true), 'Fine.'] } }).answer()
  call.speaks(0, 2000, 'hello there').run(9000)
  expect(call.commits()).toHaveLength(1)
})

test('X3 speech without a final is reported with its length, partials or not, on each attempt', () => {
  const call = simulate({ settings: { failures: { asrFinalMs: 4000 } }, asr: { dead: true, partialMs: 500 } }).answer()
  call.speaks(500, 2500, 'can you hear').run(4499)
  expect(call.records('failure')).toEqual([])
  call.run(4500)
  expect(call.records('failure')[0]).toMatchObject({
    atMs: 4500,
    component: 'asr',
    message: 'no text for 2000 ms of speech',
  })
  call.speaks(20_000, 21_000, 'can you hear').run(23_000)
  expect(call.records('failure').at(-1)?.message).toBe('no text for 1000 ms of speech')
})

test('X4 recogniser failures in a row beyond the tolerance end the call; text resets the count', () => {
  const settings = { failures: { tolerated: 1 } }
  const call = simulate({ settings, asr: { fails: true } })
    .answer()
    .speaks(0, 1000, 'one')
    .speaks(9000, 10_000, 'two')
  call.run(20_000)
  expect(kinds(call)).toEqual(['excuse', 'goodbye'])
  expect(call.effects('call.hangup')[0]?.cause).toBe('error')
  const mended = simulate({ settings, asr: { dead: true } }).answer()
  mended.speaks(0, 1000, 'one').speaks(9000, 10_000, 'two').speaks(19_000, 20_000, 'three')
  mended.at(1400, { type: 'asr.failed', turnId: 'turn-1', revision: 0, message: 'gone' })
  mended.at(10_400, { type: 'asr.final', turnId: 'turn-2', revision: 0, text: 'two' })
  mended.at(20_400, { type: 'asr.failed', turnId: 'turn-3', revision: 0, message: 'gone' }).run(26_000)
  expect(kinds(mended)).toEqual(['excuse', 'reply', 'excuse'])
})

test('X5 a failing end-of-turn model is no error of the call: the plain delay decides', () => {
  const call = simulate({ eot: { fails: true } }).answer()
  for (const fromMs of [0, 9000, 18_000, 27_000, 36_000]) call.speaks(fromMs, fromMs + 1000, 'hello there')
  call.run(45_000)
  expect(call.commits()).toEqual([1500, 10_500, 19_500, 28_500, 37_500])
  expect(call.records('failure')).toHaveLength(1)
})

test('X6 a reply that fails with audio queued plays it, then the excuse; the next turn is untouched', () => {
  const call = simulate({ llm: { replies: [failing('First comes this. Then that', 4), 'Fine.'] } }).answer()
  call.speaks(0, 2000, 'hello there').speaks(12_000, 13_000, 'go on').run(20_000)
  expect(kinds(call)).toEqual(['reply', 'excuse', 'reply'])
  expect(call.records('agent.said')[0]?.text).toBe('First comes this.')
  call.send({ type: 'llm.failed', responseId: 'resp-1', message: 'late', retryable: true })
  expect(call.records('failure').filter(({ component }) => component === 'llm')).toHaveLength(1)
})

test('a synthesiser that fails for the excuse too leaves silence, a record and an agent that listens', () => {
  const call = simulate({ tts: { trouble: () => 'fails' as const } })
    .answer()
    .speaks(0, 2000, 'hello there')
    .run(5000)
  expect(call.records('failure').map(({ component }) => component)).toEqual(['tts', 'tts'])
  expect(call.state()).toMatchObject({ queue: [], turn: null, answer: null })
  expect(call.state().timers.idle).toBeDefined()
  expect(call.history()).toEqual(['user: hello there'])
})

test('a reply without a word is a failure, not a silence', () => {
  const call = simulate({ llm: { replies: ['😀', 'Fine.'] } })
    .answer()
    .speaks(0, 2000, 'hello there')
    .run(9000)
  expect(kinds(call)).toEqual(['excuse'])
})

test('a recogniser that dies gets the caller an excuse within two seconds of its failure', () => {
  const call = simulate({ asr: { fails: true }, eot: { probability: 0.1 } })
    .answer()
    .speaks(0, 2000, 'hello there')
    .run(9000)
  const failedMs = call.records('failure')[0]?.atMs ?? Number.NaN
  expect((call.audible()[0]?.[0] ?? Number.NaN) - failedMs).toBeLessThan(2000)
})
