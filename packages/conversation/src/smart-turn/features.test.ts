import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { recording, sequence } from '../testing/speech.js'
import { logMelFeatures, melBands, melFrames } from './features.js'

interface Reference {
  step: number
  cases: Record<string, { samples: number; features: number[]; probability: number }>
}

const reference: Reference = JSON.parse(
  readFileSync(new URL('../../fixtures/log-mel-reference.json', import.meta.url), 'utf8'),
)

const first = recording('two-cities-1')
const second = recording('two-cities-2')
const audio = sequence(first, second, first)

test.each(Object.keys(reference.cases))('features differ from what the model was trained on: %s', (name) => {
  const { samples, features } = reference.cases[name] as Reference['cases'][string]
  const ours = logMelFeatures(audio.subarray(0, samples))
  expect(ours).toHaveLength(melBands * melFrames)
  const worst = Math.max(...features.map((value, i) => Math.abs(value - (ours[i * reference.step] ?? Number.NaN))))
  expect(worst).toBeLessThan(1e-3)
})

test('silence, or no audio at all, gives features that are no numbers', () => {
  for (const samples of [0, 1, 1000, 200_000]) {
    const features = logMelFeatures(new Int16Array(samples))
    expect(features.every(Number.isFinite)).toBe(true)
  }
})
