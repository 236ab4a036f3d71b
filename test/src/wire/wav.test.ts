import { expect, test } from 'vitest'
import { readWav, writeWav } from './wav.js'

test('a stereo file comes back with its channels mixed up or cut', () => {
  const left = Int16Array.of(1, -2, 32_767, -32_768)
  const right = Int16Array.of(5, 6)
  const wav = readWav(writeWav({ rateHz: 8000, channels: [left, right] }))
  expect(wav.rateHz).toBe(8000)
  expect(wav.channels).toEqual([left, Int16Array.of(5, 6, 0, 0)])
})

test('something that is no WAV file is read as one', () => {
  expect(() => readWav(Buffer.from('hello'))).toThrow('not a WAV')
})
