import { expect, it } from 'vitest'
import { StereoTimeline } from './stereo-timeline.js'

const ones = (samples: number) => new Int16Array(samples).fill(1)

it('puts both sides where they were on the clock', () => {
  const timeline = new StereoTimeline()
  timeline.right(0, ones(160))
  timeline.left(10, ones(160))
  const { left, right } = timeline.take(240)
  expect(left.indexOf(1)).toBe(80)
  expect(right.indexOf(1)).toBe(0)
  expect(right.lastIndexOf(1)).toBe(159)
})

it('makes no seam where arrival times jitter', () => {
  const timeline = new StereoTimeline()
  for (const [i, jitter] of [0, 3, -4, 7, -2].entries()) timeline.left(100 + i * 20 + jitter, ones(160))
  const { left } = timeline.take(2000)
  expect(left.indexOf(1)).toBe(800)
  expect(left.lastIndexOf(1)).toBe(1599)
  expect(left.slice(800, 1600).every((sample) => sample === 1)).toBe(true)
})

it('moves a side whose delay really changed', () => {
  const timeline = new StereoTimeline()
  timeline.left(0, ones(160))
  timeline.left(60, ones(160))
  const { left } = timeline.take(1000)
  expect(left[159]).toBe(1)
  expect(left[160]).toBe(0)
  expect(left[480]).toBe(1)
})

it('does not grow with the length of the call when it is taken from', () => {
  const timeline = new StereoTimeline()
  let taken = 0
  for (let tick = 0; tick < 5000; tick++) {
    timeline.right(tick * 20, ones(160))
    if (timeline.pendingSamples > 8000) taken += timeline.take(8000).left.length
  }
  taken += timeline.take(timeline.pendingSamples).right.length
  expect(taken).toBe(5000 * 160)
  expect(timeline.durationMs).toBe(100_000)
})
