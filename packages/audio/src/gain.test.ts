import { expect, it } from 'vitest'
import { fade, Gain, gainOfDb } from './gain.js'

const level = (samples: number, value: number) => new Int16Array(samples).fill(value)

function largestStep(pcm: Int16Array): number {
  let largest = 0
  for (let i = 1; i < pcm.length; i++)
    largest = Math.max(largest, Math.abs((pcm[i] as number) - (pcm[i - 1] as number)))
  return largest
}

it('ducks and comes back without a click, across frame borders', () => {
  const gain = new Gain(8000, 30)
  const heard: number[] = []
  for (let frame = 0; frame < 12; frame++) {
    if (frame === 2) gain.toDb(-12)
    if (frame === 7) gain.toDb(0)
    heard.push(...gain.process(level(160, 20000)))
  }
  expect(largestStep(Int16Array.from(heard))).toBeLessThan(20000 / 200)
  expect(heard[6 * 160]).toBe(Math.round(20000 * gainOfDb(-12)))
  expect(heard.at(-1)).toBe(20000)
  expect(gain.settled).toBe(true)
})

it('turns round in mid-ramp without a jump', () => {
  const gain = new Gain(8000, 20)
  gain.to(0)
  const down = gain.process(level(80, 10000))
  gain.to(1)
  const up = gain.process(level(320, 10000))
  expect(Math.abs((down.at(-1) as number) - (up[0] as number))).toBeLessThan(100)
  expect(up.at(-1)).toBe(10000)
})

it('leaves audio at full volume untouched, sample for sample', () => {
  const pcm = Int16Array.from({ length: 160 }, (_, i) => i * 7)
  expect(new Gain().process(pcm.slice())).toEqual(pcm)
})

it('clips instead of wrapping round when amplified', () => {
  const gain = new Gain(8000, 0.1)
  gain.to(4)
  expect(gain.process(level(10, 20000)).at(-1)).toBe(32767)
  expect(fade(level(2, -20000), 4, 4)[1]).toBe(-32768)
})

it('fades from and to the given factors', () => {
  expect([...fade(level(5, 1000), 1, 0)]).toEqual([1000, 750, 500, 250, 0])
})
