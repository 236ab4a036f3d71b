import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Resampler, resample } from './resampler.js'

const rates = [8000, 16000, 22050, 24000, 48000]
const pairs = rates.flatMap((from) => rates.filter((to) => to !== from).map((to) => [from, to] as [number, number]))

function tone(frequencyHz: number, rateHz: number, seconds: number, amplitude = 16000): Int16Array {
  return Int16Array.from({ length: Math.round(rateHz * seconds) }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz)),
  )
}

/** Signal to everything else, dB, away from both ends. */
function snrDb(got: Int16Array, wanted: Int16Array): number {
  let signal = 0
  let noise = 0
  for (let i = 400; i < Math.min(got.length, wanted.length) - 400; i++) {
    signal += (wanted[i] as number) ** 2
    noise += ((got[i] as number) - (wanted[i] as number)) ** 2
  }
  return 10 * Math.log10(signal / noise)
}

describe.each(pairs)('%i Hz to %i Hz', (from, to) => {
  it('keeps a tone what it was, in time with the input', () => {
    const got = resample(tone(1000, from, 0.5), from, to)
    expect(got.length).toBe(Math.round(to * 0.5))
    expect(snrDb(got, tone(1000, to, 0.5))).toBeGreaterThan(60)
  })

  it('has no seam wherever the stream is cut into pieces', () => {
    const input = tone(700, from, 0.2)
    const whole = resample(input, from, to)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const resampler = new Resampler(from, to)
        const got: number[] = []
        let at = 0
        for (const size of sizes) {
          for (const sample of resampler.push(input.subarray(at, at + size))) got.push(sample)
          at = Math.min(input.length, at + size)
        }
        for (const sample of resampler.push(input.subarray(at))) got.push(sample)
        for (const sample of resampler.flush()) got.push(sample)
        return got.length === whole.length && got.every((sample, i) => sample === whole[i])
      }),
      { numRuns: 15 },
    )
  })

  it('answers within a few milliseconds', () => {
    expect(new Resampler(from, to).latencyMs).toBeLessThan(5)
  })
})

it('does not let what the telephone cannot carry fold back as a whistle', () => {
  for (const from of [16000, 22050, 24000, 48000]) {
    const heard = resample(tone(5200, from, 0.3), from, 8000)
    expect(Math.max(...heard.slice(200, -200).map(Math.abs))).toBeLessThan(16000 * 10 ** (-55 / 20))
  }
})

it('gives the same stream again after a flush', () => {
  const resampler = new Resampler(24000, 8000)
  const input = tone(300, 24000, 0.1)
  const first = [...resampler.push(input), ...resampler.flush()]
  const second = [...resampler.push(input), ...resampler.flush()]
  expect(second).toEqual(first)
})

it('clips instead of wrapping round on a full-scale square wave', () => {
  const square = Int16Array.from({ length: 2400 }, (_, i) => (Math.floor(i / 24) % 2 ? -32768 : 32767))
  const heard = resample(square, 24000, 8000)
  for (let i = 10; i < heard.length - 10; i++) {
    const wanted = Math.floor((i * 3) / 24) % 2 ? -1 : 1
    if (i % 8 > 1 && i % 8 < 6) expect(Math.sign(heard[i] as number)).toBe(wanted)
  }
})

it('refuses absurd rates', () => {
  expect(() => new Resampler(0, 8000)).toThrow(RangeError)
  expect(() => new Resampler(8000, Number.NaN)).toThrow(RangeError)
})
