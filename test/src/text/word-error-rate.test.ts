import { expect, test } from 'vitest'
import { comparableWords, wordErrorRate } from './word-error-rate.js'

test.each([
  ['Tomorrow at 7:30 p.m.', 'tomorrow at seven thirty pm'],
  ['It costs $25, or 10%.', 'It costs twenty-five dollars or ten percent'],
  ['1,250 people in 105 rooms', 'one thousand two hundred fifty people in one hundred five rooms'],
  ['‘Don’t’ — stop!', "don't stop"],
])('two spellings of one spoken sentence differ: %s', (one, other) => {
  expect(comparableWords(one)).toEqual(comparableWords(other))
})

test.each([
  ['book a table for two', 'book a table for two', 0],
  ['book a table for two', 'book table for you', 2 / 5],
  ['one', 'one more thing', 2],
  ['', 'noise', 1],
])('%s / %s does not come to %d', (wanted, got, rate) => {
  expect(wordErrorRate(wanted, got)).toBeCloseTo(rate)
})
