import { expect, test } from 'vitest'
import { countWords, differs, goesBeyond, judgeWords, plainWords } from './words.js'

const backchannels = ['mhm', 'uh huh', 'yeah', 'right', 'i see']

test('a backchannel with other case, punctuation or repetition interrupts', () => {
  for (const text of ['Mhm.', 'Uh-huh', 'Yeah, yeah, right!', 'I see… mhm'])
    expect(judgeWords(text, backchannels)).toBe('backchannel')
})

test('words behind a backchannel are lost', () => {
  expect(judgeWords('yeah but what about Rome', backchannels)).toBe('words')
  expect(judgeWords('yeahs', backchannels)).toBe('words')
})

test('a call to stop is taken for small talk', () => {
  for (const text of ['Stop!', 'no, not that', 'okay stop', 'Wait a second', 'hold on'])
    expect(judgeWords(text, backchannels)).toBe('stop')
  expect(judgeWords('I know nothing', backchannels)).toBe('words')
})

test('punctuation counts as a word', () => {
  expect(judgeWords('...', backchannels)).toBe('none')
  expect(countWords(' - ')).toBe(0)
  expect(countWords('Don’t, please')).toBe(2)
  expect(plainWords("'Tis  the “SEASON”")).toBe('tis the season')
})

test('a final that only adds capitals makes a new answer', () => {
  expect(differs('Book a table.', 'book a table')).toBe(false)
  expect(differs('', 'book a table')).toBe(false)
  expect(differs('book the table', 'book a table')).toBe(true)
})

test('a partial that lags behind counts as new words', () => {
  expect(goesBeyond('book', 'book a table')).toBe(false)
  expect(goesBeyond('book a table now', 'book a table')).toBe(true)
})
