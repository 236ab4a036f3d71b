import { expect, test } from 'vitest'
import { clip } from '../speech/clip.js'
import { findSound } from './alignment.js'

test('a sound is found at another place, or where it is not', () => {
  const { pcm } = clip('book-table')
  const whole = new Int16Array(40_000)
  whole.set(
    pcm.map((sample) => sample >> 1),
    9013,
  )
  const piece = pcm.subarray(4000, 6000)
  const match = findSound(whole, piece, 12_000, 14_000)
  expect(match.at).toBe(13_013)
  expect(match.likeness).toBeGreaterThan(0.99)
  expect(findSound(whole, clip('goodbye').pcm.subarray(2000, 4000), 12_000, 14_000).likeness).toBeLessThan(0.6)
})
