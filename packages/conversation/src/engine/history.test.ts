import { expect, test } from 'vitest'
import { appendHistory, heardText, promptMessages } from './history.js'
import type { HistoryItem } from './state.js'
import { testSettings } from './testing/settings.js'

test('two messages of one side in a row break templates that want roles to alternate', () => {
  const one = appendHistory([], { role: 'user', text: ' I want ' }, 10)
  expect(appendHistory(one, { role: 'user', text: 'a flight' }, 10)).toEqual([
    { role: 'user', text: 'I want a flight' },
  ])
})

test('an empty message gets in', () => {
  const history: HistoryItem[] = [{ role: 'user', text: 'hello' }]
  expect(appendHistory(history, { role: 'assistant', text: '  ' }, 10)).toBe(history)
})

test('every turn over the limit moves the start of the prompt and spoils the prefix cache', () => {
  let history: HistoryItem[] = []
  const starts = new Set<string>()
  for (let turn = 0; turn < 40; turn++) {
    history = appendHistory(history, { role: turn % 2 === 0 ? 'user' : 'assistant', text: `message ${turn}` }, 10)
    expect(history.length).toBeLessThanOrEqual(10)
    starts.add(history[0]?.text ?? '')
  }
  expect(starts.size).toBeLessThanOrEqual(8)
  expect(history[0]?.role).toBe('user')
})

test('the prompt ends with what the caller has just said', () => {
  const history: HistoryItem[] = [{ role: 'assistant', text: 'Hello.' }]
  expect(promptMessages(testSettings(), history, 'good day').map(({ role }) => role)).toEqual([
    'system',
    'assistant',
    'user',
  ])
})

test('a cut in the middle of a word keeps the word', () => {
  const text = 'one two three four'
  expect(heardText(text, 0, 1000)).toBe('')
  expect(heardText(text, 120, 1000)).toBe('')
  expect(heardText(text, 170, 1000)).toBe('one')
  expect(heardText(text, 500, 1000)).toBe('one two')
  expect(heardText(text, 999, 1000)).toBe('one two three')
  expect(heardText(text, 1000, 1000)).toBe(text)
  expect(heardText(text, Number.NaN, 1000)).toBe('')
  expect(heardText(text, 10, 0)).toBe(text)
})
