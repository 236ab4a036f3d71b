import { expect, test } from 'vitest'
import { simulate } from './testing/simulation.js'

test('a call with a greeting, a turn, a barge-in and a hang-up', () => {
  const call = simulate({ settings: { greeting: 'Hello, how can I help?' }, tts: { durationMs: 3000 } })
    .answer()
    .speaks(4000, 6000, 'what is the time')
    .speaks(8500, 9500, 'never mind that')
    .at(20000, { type: 'call.gone', cause: 'caller_hangup' })
    .run(30000)
  expect(call.history()).toEqual([
    'assistant: Hello, how can I help?',
    'user: what is the time',
    'assistant: This is the',
    'user: never mind that',
    'assistant: This is the reply.',
  ])
  expect(call.audible()).toEqual([
    [200, 3200],
    [7040, 9000],
    [10540, 13540],
  ])
})
