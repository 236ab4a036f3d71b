import { expect, test } from 'vitest'
import { summary } from './statistics.js'

test('median, 95th percentile, mean or maximum of 1 to 100 are off', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(summary(values)).toEqual({ count: 100, median: 50, p95: 95, mean: 50.5, max: 100 })
})

test('a series of one figure has other figures', () => {
  expect(summary([7])).toEqual({ count: 1, median: 7, p95: 7, mean: 7, max: 7 })
})
