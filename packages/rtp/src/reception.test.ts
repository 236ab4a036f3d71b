import { describe, expect, it } from 'vitest'
import { Reception } from './reception.js'

describe('reception statistics', () => {
  it('counts loss over a wrap of sequence numbers', () => {
    const reception = new Reception()
    for (let i = 0; i < 100; i++) if (i % 10 !== 5) reception.push((65_500 + i) & 0xffff, i * 160, i * 20)
    expect(reception.lost).toBe(10)
    expect(reception.highestSequence).toBe(65_599)
    expect(reception.takeFractionLost()).toBe(Math.floor((10 * 256) / 100))
    expect(reception.takeFractionLost()).toBe(0)
  })

  it('does not take reordering for loss', () => {
    const reception = new Reception()
    for (const i of [0, 2, 1, 3, 5, 4]) reception.push(i, i * 160, i * 20)
    expect(reception.lost).toBe(0)
  })

  it('lets duplicates make the loss negative, as the RFC has it', () => {
    const reception = new Reception()
    for (const i of [0, 1, 1, 1, 2]) reception.push(i, i * 160, i * 20)
    expect(reception.lost).toBe(-2)
    expect(reception.takeFractionLost()).toBe(0)
  })

  it('converges to the mean deviation of the spacing', () => {
    const reception = new Reception()
    for (let i = 0; i < 2000; i++) reception.push(i & 0xffff, i * 160, i * 20 + (i % 2) * 10)
    expect(reception.jitterMs).toBeCloseTo(10, 0)
  })

  it('has no jitter on a clean line, nor after a long pause, nor where the timestamp wraps', () => {
    const reception = new Reception()
    for (let i = 0; i < 200; i++) reception.push(i, (0xfffff000 + i * 160) >>> 0, i * 20)
    reception.push(200, (0xfffff000 + 200 * 160) >>> 0, 60_000)
    expect(reception.jitterMs).toBeLessThan(0.01)
  })

  it('says nothing was lost before the first packet', () => {
    expect(new Reception().lost).toBe(0)
    expect(new Reception().takeFractionLost()).toBe(0)
  })
})
