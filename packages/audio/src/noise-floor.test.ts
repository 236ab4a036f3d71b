import { expect, it } from 'vitest'
import { SILENCE_DBFS } from './level.js'
import { NoiseFloor } from './noise-floor.js'

const frame = (amplitude: number) => Int16Array.from({ length: 160 }, (_, i) => (i % 2 ? amplitude : -amplitude))

it('stays near the noise while somebody speaks for five seconds', () => {
  const floor = new NoiseFloor()
  for (let i = 0; i < 50; i++) floor.push(frame(30), 8000)
  const quiet = floor.dbfs
  for (let i = 0; i < 250; i++) floor.push(frame(8000), 8000)
  expect(floor.dbfs - quiet).toBeLessThan(16)
  expect(floor.push(frame(30), 8000)).toBeCloseTo(quiet, 5)
})

it('follows a line that stays louder', () => {
  const floor = new NoiseFloor()
  floor.push(frame(30), 8000)
  for (let i = 0; i < 1500; i++) floor.push(frame(300), 8000)
  expect(floor.dbfs).toBeCloseTo(20 * Math.log10(300 / 32768), 1)
})

it('is not dragged to -120 dB by made-up silence', () => {
  const floor = new NoiseFloor()
  expect(floor.dbfs).toBe(SILENCE_DBFS)
  floor.push(frame(30), 8000)
  floor.push(new Int16Array(160), 8000)
  expect(floor.dbfs).toBeGreaterThan(-70)
})
