import { describe, expect, it } from 'vitest'
import { LateWindow } from './late-window.js'
import { WaitWindow } from './wait-window.js'

describe('waits', () => {
  it('says nothing in the first second', () => {
    const waits = new WaitWindow()
    for (let ms = 0; ms < 1000; ms += 20) waits.add(50, ms)
    expect(waits.leastMs(980)).toBeNull()
    expect(waits.leastMs(1000)).toBe(50)
  })

  it('forgets a moment of need after four seconds, not before', () => {
    const waits = new WaitWindow()
    for (let ms = 0; ms < 5000; ms += 20) waits.add(ms === 2000 ? 3 : 60, ms)
    expect(waits.leastMs(4990)).toBe(3)
    for (let ms = 5000; ms < 7000; ms += 20) waits.add(60, ms)
    expect(waits.leastMs(6990)).toBe(60)
  })

  it('counts a cut of the delay at once', () => {
    const waits = new WaitWindow()
    for (let ms = 0; ms < 5000; ms += 20) waits.add(60, ms)
    waits.less(20)
    expect(waits.leastMs(4990)).toBe(40)
  })

  it('starts again after a long pause', () => {
    const waits = new WaitWindow()
    for (let ms = 0; ms < 5000; ms += 20) waits.add(60, ms)
    expect(waits.leastMs(100_000)).toBeNull()
  })
})

describe('late packets', () => {
  it('asks for no more delay for one of them', () => {
    const late = new LateWindow()
    expect(late.add(30, 0)).toBe(0)
    expect(late.add(30, 5000)).toBe(0)
  })

  it('asks for what the worst of several needs', () => {
    const late = new LateWindow()
    late.add(30, 0)
    expect(late.add(12, 1000)).toBe(30)
    expect(late.add(12, 1100)).toBe(0)
  })

  it('does not chase packets that came hopelessly late', () => {
    const late = new LateWindow()
    late.add(900, 0)
    expect(late.add(900, 10)).toBe(0)
  })
})
