import { expect, test } from 'vitest'
import { createPowerSpectrum } from './real-fft.js'

/** |X[k]|² by its definition. */
function slowPower(frame: Float64Array): number[] {
  return Array.from({ length: frame.length / 2 + 1 }, (_, k) => {
    let re = 0
    let im = 0
    frame.forEach((sample, i) => {
      const angle = (-2 * Math.PI * i * k) / frame.length
      re += sample * Math.cos(angle)
      im += sample * Math.sin(angle)
    })
    return re * re + im * im
  })
}

test.each([2, 4, 8, 10, 16, 20, 40, 50, 400])('the spectrum of %i samples is wrong', (length) => {
  const spectrum = createPowerSpectrum(length)
  const power = new Float64Array(spectrum.bins)
  for (let round = 0; round < 3; round++) {
    const frame = Float64Array.from({ length }, (_, i) => Math.sin(i * 1.3 + round) + ((i * 7 + round) % 5) - 2)
    spectrum.transform(frame, power)
    const expected = slowPower(frame)
    for (const [k, value] of expected.entries()) expect(power[k]).toBeCloseTo(value, 6)
  }
})

test('a length that it cannot do gives nonsense', () => {
  expect(() => createPowerSpectrum(14)).toThrow(RangeError)
  expect(() => createPowerSpectrum(401)).toThrow(RangeError)
})
