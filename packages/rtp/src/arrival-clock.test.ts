import { describe, expect, it } from 'vitest'
import { ArrivalClock } from './arrival-clock.js'

describe('arrival stamps', () => {
  it('are the true arrivals on a line with little jitter', () => {
    const clock = new ArrivalClock()
    for (let i = 0; i < 500; i++) {
      const arrivalMs = 1000 + i * 20 + (i % 9)
      expect(clock.stamp(i * 20, arrivalMs)).toBe(arrivalMs)
    }
  })

  it('do not lie on top of one another when packets held up come in a burst', () => {
    const clock = new ArrivalClock()
    let last = -20
    for (let i = 0; i < 200; i++) {
      const arrivalMs = i >= 100 && i < 110 ? 110 * 20 : i * 20
      const stamp = clock.stamp(i * 20, arrivalMs)
      expect(stamp - last).toBeGreaterThanOrEqual(10)
      expect(stamp).toBeLessThanOrEqual(arrivalMs)
      last = stamp
    }
  })

  it('follow a sender whose clock stood still in a pause', () => {
    const clock = new ArrivalClock()
    for (let i = 0; i < 100; i++) clock.stamp(i * 20, i * 20)
    for (let i = 100; i < 200; i++) expect(clock.stamp(i * 20, i * 20 + 750)).toBe(i * 20 + 750)
  })

  it('follow a line that got slower for good within about two seconds', () => {
    const clock = new ArrivalClock()
    for (let i = 0; i < 100; i++) clock.stamp(i * 20, i * 20)
    let stamp = 0
    for (let i = 100; i < 225; i++) stamp = clock.stamp(i * 20, i * 20 + 80)
    expect(stamp).toBe(224 * 20 + 80)
  })

  it('follow a line that got quicker at once', () => {
    const clock = new ArrivalClock()
    for (let i = 0; i < 100; i++) clock.stamp(i * 20, i * 20 + 80)
    expect(clock.stamp(2000, 2000)).toBe(2000)
  })
})
