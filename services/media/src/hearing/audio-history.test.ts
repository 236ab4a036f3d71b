import { expect, it } from 'vitest'
import { AudioHistory } from './audio-history.js'

it('gives back what was pushed, across the seam of the ring', () => {
  const history = new AudioHistory(100)
  for (let i = 0; i < 30; i++) history.push(Int16Array.from({ length: 7 }, (_, k) => i * 7 + k))
  expect(history.end).toBe(210)
  expect(history.start).toBe(110)
  expect([...history.slice(150, 170)]).toEqual(Array.from({ length: 20 }, (_, k) => 150 + k))
})

it('clips a request for samples that are gone or not there yet', () => {
  const history = new AudioHistory(10)
  history.push(Int16Array.from([1, 2, 3]))
  expect([...history.slice(-5, 99)]).toEqual([1, 2, 3])
  expect(history.slice(3, 3).length).toBe(0)
})
