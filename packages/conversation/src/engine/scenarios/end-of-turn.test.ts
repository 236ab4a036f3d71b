import { expect, test } from 'vitest'
import { simulate } from '../testing/simulation.js'

test('E1 the commit comes a minimum delay after the last voiced sample, not after VAD or the final', () => {
  const call = simulate({ asr: { finalMs: 50 }, vad: { stopMs: 150 } })
    .answer()
    .speaks(500, 2500, 'what time is it')
  expect(call.run(5000).commits()).toEqual([3000])
})

test('E2 a caller who is not done is given the maximum delay, the VAD silence included', () => {
  const call = simulate({ eot: { probability: 0.1 } })
    .answer()
    .speaks(500, 2500, 'I would like to')
  expect(call.run(9000).commits()).toEqual([5500])
})

test('E3 speech that goes on cancels the pending commit and the turn stays open', () => {
  const call = simulate().answer().speaks(500, 2500, 'I would like').speaks(2850, 4000, 'a table')
  expect(call.run(9000).commits()).toEqual([4500])
  expect(call.effects('asr.reopen')).toHaveLength(1)
  expect(call.history()[0]).toBe('user: I would like a table')
})

test('E4 one pause asks for one prediction and makes one commit', () => {
  const call = simulate().answer().speaks(500, 2500, 'good morning').run(9000)
  expect(call.effects('eot.predict')).toHaveLength(1)
  expect(call.commits()).toHaveLength(1)
})

test('E5 a late VAD end after the commit makes no second, empty turn', () => {
  const call = simulate().answer().speaks(500, 2500, 'okay then')
  call.at(3100, { type: 'caller.speech_stopped', lastVoicedMs: 2500 }).run(9000)
  expect(call.commits()).toHaveLength(1)
  expect(call.records('turn.dropped')).toEqual([])
})

test('E6 without a prediction in time the minimum delay counts, and the record says so once', () => {
  const call = simulate({ eot: { dead: true } }).answer()
  call.speaks(500, 2500, 'hello there').speaks(9000, 10_000, 'and again').run(16_000)
  expect(call.commits()).toEqual([3100, 10_600])
  expect(call.records('failure')).toHaveLength(1)
})

test('E7 an end of speech in the future is taken for now', () => {
  const call = simulate().answer()
  call.at(600, { type: 'caller.speech_started', startMs: 500 })
  call.at(2000, { type: 'caller.speech_stopped', lastVoicedMs: 122_000 })
  call.at(2100, { type: 'asr.final', turnId: 'turn-1', revision: 0, text: 'hello there' })
  expect(call.run(9000).commits()).toEqual([2500])
})

test('E8 text that is not final is waited for up to the budget, final text ends the turn at its delay, never earlier', () => {
  const settings = { endOfTurn: { minDelayMs: 100 }, failures: { asrFinalMs: 400 } }
  const slow = simulate({ settings, vad: { stopMs: 50 }, asr: { dead: true, partialMs: 200 } })
  expect(slow.answer().speaks(500, 1000, 'yes please').run(4000).commits()).toEqual([1450])
  const quick = simulate({ settings, vad: { stopMs: 50 }, asr: { finalMs: 10 } })
  expect(quick.answer().speaks(500, 1000, 'yes please').run(4000).commits()).toEqual([1100])
})

test('E9 text that VAD knows nothing of ends its turn when no more text comes', () => {
  const settings = { endOfTurn: { minDelayMs: 300 } }
  const call = simulate({ settings, asr: { partialMs: 200, finalMs: 50 } }).answer()
  call.speaks(1000, 2000, 'can you hear me now', true).run(5000)
  const lastMs = Math.max(
    ...call.log.filter(({ effect }) => JSON.stringify(effect).includes('caller.partial')).map(({ atMs }) => atMs),
  )
  expect(call.commits()).toEqual([lastMs + 350])
})

test('E10 a text in the middle of speech does not end the turn', () => {
  const call = simulate({ asr: { partialMs: 200 } })
    .answer()
    .speaks(500, 6000, 'So I was thinking that perhaps')
  expect(call.run(6200).commits()).toEqual([])
  expect(call.run(9000).commits()).toEqual([6500])
})

test('E11 the final of an earlier turn does not end the next one', () => {
  const call = simulate({ asr: { dead: true } }).answer()
  call.at(600, { type: 'caller.speech_started', startMs: 500 })
  call.at(1300, { type: 'caller.speech_stopped', lastVoicedMs: 1000 })
  call.at(1400, { type: 'asr.final', turnId: 'turn-1', revision: 0, text: '' })
  call.at(2100, { type: 'caller.speech_started', startMs: 2000 })
  call.at(2300, { type: 'asr.final', turnId: 'turn-1', revision: 0, text: 'Hello!' })
  call.at(2800, { type: 'caller.speech_stopped', lastVoicedMs: 2500 })
  call.at(2900, { type: 'asr.final', turnId: 'turn-1', revision: 0, text: 'Hello!' })
  expect(call.run(3200).commits()).toEqual([])
  call.at(3300, { type: 'asr.final', turnId: 'turn-2', revision: 0, text: 'How are you?' })
  expect(call.run(4000).effects('llm.request')[0]?.messages.at(-1)?.content).toBe('How are you?')
})

test('E13 two predictions that the turn is over voice one answer; resumed speech allows exactly one more', () => {
  const call = simulate({ llm: { firstTokenMs: 800 } })
    .answer()
    .speaks(500, 2500, 'call my bank')
  call.at(2900, { type: 'eot.predicted', turnId: 'turn-1', revision: 0, probability: 1 })
  call.at(3050, { type: 'eot.predicted', turnId: 'turn-1', revision: 0, probability: 1 })
  call.speaks(3200, 4000, 'tomorrow').run(9000)
  expect(call.commits()).toHaveLength(2)
  expect(call.records('agent.said')).toHaveLength(1)
})

test('E16 speech that resumes after a soft end is the same turn, next revision', () => {
  const call = simulate({ eot: { probability: 0.1 } })
    .answer()
    .speaks(0, 1000, 'I want to')
    .speaks(2500, 3500, 'book a flight')
  call.run(9000)
  expect(call.effects('asr.reopen').map(({ turnId, revision }) => [turnId, revision])).toEqual([['turn-1', 1]])
  expect(call.records('caller.said').map(({ turnId, text }) => [turnId, text])).toEqual([
    ['turn-1', 'I want to book a flight'],
  ])
})

test('E17 an unanswered turn is taken up again within the cap, and is history after it', () => {
  const settings = { failures: { llmFirstTokenMs: 60_000 } }
  const near = simulate({ settings, llm: { firstTokenMs: 20_000 } }).answer()
  near.speaks(0, 1000, 'I want a flight').speaks(4000, 5000, 'to Rome').run(8000)
  expect(near.effects('llm.request').map(({ turnId }) => turnId)).toEqual(['turn-1', 'turn-1'])
  expect(near.effects('llm.request')[1]?.messages.at(-1)?.content).toBe('I want a flight to Rome')
  const far = simulate({ settings, llm: { firstTokenMs: 20_000 } }).answer()
  far.speaks(0, 1000, 'I want a flight').speaks(13_000, 14_000, 'are you there').run(18_000)
  expect(far.effects('llm.request').map(({ turnId }) => turnId)).toEqual(['turn-1', 'turn-2'])
  expect(far.effects('llm.cancel')).toHaveLength(1)
})

test('E17 once its answer was heard, speech is always a new turn', () => {
  const call = simulate().answer().speaks(0, 1000, 'I want a flight').speaks(2500, 4000, 'no to Rome').run(9000)
  expect(call.effects('llm.request').map(({ turnId }) => turnId)).toEqual(['turn-1', 'turn-2'])
})

test('noise after a known text does not keep moving the decision', () => {
  const call = simulate({ eot: { probability: 0.1 } })
    .answer()
    .speaks(0, 1000, 'book a table for two')
  for (let ms = 1900; ms < 12_000; ms += 900) call.speaks(ms, ms + 400)
  call.run(14_000)
  expect(call.commits()[0]).toBeLessThan(5000)
})

test('a long sound after a known text does not hold the decision', () => {
  const call = simulate().answer().speaks(0, 1000, 'book a table for two').speaks(1350, 20_000).run(21_000)
  expect(call.commits()[0]).toBeLessThan(4500)
  expect(call.records('agent.said')[0]?.text).toBe('This is the reply.')
})

test('a final that comes after its turn was committed without it is merged while nothing was heard', () => {
  const settings = { failures: { asrFinalMs: 400 } }
  const call = simulate({ settings, asr: { finalMs: 900, partialMs: 300 }, llm: { firstTokenMs: 900 } }).answer()
  call.at(1000, { type: 'caller.speech_started', startMs: 900 })
  call.at(1500, { type: 'asr.partial', text: 'send it to' })
  call.at(2300, { type: 'caller.speech_stopped', lastVoicedMs: 2000 })
  call.at(3100, { type: 'asr.final', turnId: 'turn-1', revision: 0, text: 'Send it to Paul.' })
  call.run(9000)
  expect(call.effects('llm.request').map(({ messages }) => messages.at(-1)?.content)).toEqual([
    'send it to',
    'Send it to Paul.',
  ])
  expect(call.effects('llm.cancel')).toHaveLength(1)
  expect(call.history()[0]).toBe('user: Send it to Paul.')
})
