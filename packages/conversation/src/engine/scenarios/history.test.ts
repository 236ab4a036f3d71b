import { expect, test } from 'vitest'
import { simulate } from '../testing/simulation.js'

const talking = {
  llm: { firstTokenMs: 290, replies: ['One two three four five. Six seven eight nine ten.', 'Fine.'], tokenMs: 1 },
  tts: { firstAudioMs: 200, durationMs: 4000 },
}
const world = (changes: object = {}) =>
  simulate({ ...talking, ...changes })
    .answer()
    .speaks(0, 2000, 'tell me a story')

test('H1 the position is taken in whole milliseconds, floored and clamped to the segment', () => {
  const cut = (playedMs: number) => {
    const call = world({ sinkAnswers: false }).speaks(4000, 5000, 'something else').run(5410)
    const played = { responseId: 'resp-1', segmentId: 'seg-1', playedMs, totalMs: 100, complete: true }
    call.send({ type: 'playout.cleared', segments: [played] })
    return call.records('agent.said')[0]?.text
  }
  expect(cut(42.8)).toBe('One two')
  expect(cut(1e9)).toBe('One two three four five.')
  expect(cut(-5)).toBe('')
  expect(cut(Number.NaN)).toBe('')
})

test('H2 each segment is cut at its own position: one heard in part, the one behind it not at all', () => {
  const first = world().speaks(4000, 5000, 'something else').run(5500)
  expect(first.records('agent.said')[0]?.text).toBe('One two')
  const second = world().speaks(7500, 9000, 'something else').run(9500)
  expect(second.records('agent.said')[0]?.text).toBe('One two three four five. Six')
})

test('H2 a response that was heard in full is not cut', () => {
  const call = world().speaks(11_050, 12_000, 'something else').run(13_000)
  expect(call.effects('playout.clear')).toEqual([])
  expect(call.records('agent.said')[0]).toMatchObject({ interrupted: false })
})

test('H3 a reply of two segments cut in the first is one message without the second', () => {
  const call = world().speaks(4000, 5000, 'something else').run(12_000)
  expect(call.history()).toEqual([
    'user: tell me a story',
    'assistant: One two',
    'user: something else',
    'assistant: Fine.',
  ])
})

test('H4 a reply that ends normally is kept in full, once', () => {
  const call = world().run(13_000)
  expect(call.history()).toEqual([
    'user: tell me a story',
    'assistant: One two three four five. Six seven eight nine ten.',
  ])
})

test('H5 interrupted with nothing played: nothing is committed', () => {
  const call = world().at(3110, { type: 'caller.speech_started', startMs: 3050 })
  call.at(3120, { type: 'asr.partial', text: 'stop' }).run(3200)
  expect(call.effects('playout.clear')).toHaveLength(1)
  expect(call.history()).toEqual(['user: tell me a story'])
})

test('H6 paused before its first frame, resumed, then interrupted: the heard part is kept', () => {
  const call = world().speaks(2800, 3300).speaks(5000, 6000, 'something else').run(12_000)
  expect(call.history()[1]).toBe('assistant: One two')
})

test('H7 the call closes in the middle of playout: the heard part is committed and marked', () => {
  const call = world().at(5500, { type: 'call.gone', cause: 'caller_hangup' }).run(9000)
  expect(call.records('agent.said')).toMatchObject([
    { text: 'One two three', interrupted: true, startMs: 2995, endMs: 5500 },
  ])
  expect(call.history().at(-1)).toBe('assistant: One two three')
})

test('H8 the last words still in the recogniser are waited for before the agent hangs up, no longer than two seconds', () => {
  const call = simulate({ asr: { finalMs: 1000 } })
    .answer()
    .speaks(0, 2000, 'and thank you')
  call.at(1500, { type: 'hangup.requested', cause: 'api_hangup' }).run(9000)
  expect(call.effects('call.hangup')[0]?.atMs).toBeLessThanOrEqual(3500)
  expect(call.records('caller.said').map(({ text }) => text)).toEqual(['and thank you'])
  const deaf = simulate({ asr: { dead: true } })
    .answer()
    .speaks(0, 2000, 'and thank you')
  deaf.at(1500, { type: 'hangup.requested', cause: 'api_hangup' }).run(9000)
  expect(deaf.effects('call.hangup')[0]?.atMs).toBe(3500)
})

test('H8 what was understood so far is on record when the caller hangs up in mid-speech', () => {
  const call = simulate({ asr: { partialMs: 200 } })
    .answer()
    .speaks(0, 3000, 'well then goodbye')
  call.at(2900, { type: 'call.gone', cause: 'caller_hangup' }).run(9000)
  expect(call.records('caller.said').map(({ text }) => text)).toEqual(['well then'])
})

test('the prompt holds what was heard before the next reply is asked for', () => {
  const call = world().speaks(4000, 5000, 'something else').run(12_000)
  expect(call.effects('llm.request')[1]?.messages).toEqual([
    { role: 'system', content: 'You are a helpful agent.' },
    { role: 'user', content: 'tell me a story' },
    { role: 'assistant', content: 'One two' },
    { role: 'user', content: 'something else' },
  ])
})
