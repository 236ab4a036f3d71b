import { expect, test } from 'vitest'
import { histogramTotals, meanBetweenMs } from './worker-times.js'

const text = (sum: number, count: number) => `# TYPE x_seconds histogram
x_seconds_bucket{kind="a",le="+Inf"} 4
x_seconds_sum{kind="a"} ${sum}
x_seconds_count{kind="a"} ${count}
x_seconds_sum{kind="b"} 100
x_seconds_count{kind="b"} 1`

test('the mean of what a histogram counted in between is off, or another series is counted in', () => {
  const [before, after] = [
    histogramTotals(text(1, 10), 'x_seconds', 'kind="a"'),
    histogramTotals(text(3, 20), 'x_seconds', 'kind="a"'),
  ]
  expect(meanBetweenMs(before, after)).toBeCloseTo(200)
  expect(histogramTotals(text(1, 10), 'x_seconds')).toEqual({ sumSeconds: 101, count: 11 })
})
