import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelFile } from '../testing/models.js'
import { noise, recording } from '../testing/speech.js'
import { createSileroModel, type SileroModel } from './silero.js'

let model: SileroModel

beforeAll(async () => {
  model = await createSileroModel({ modelPath: modelFile('silero/silero_vad.onnx') })
})

afterAll(() => model.close())

function windows(pcm: Int16Array, samples: number): Float32Array[] {
  return Array.from({ length: Math.floor(pcm.length / samples) }, (_, i) =>
    Float32Array.from(pcm.subarray(i * samples, (i + 1) * samples), (sample) => sample / 32768),
  )
}

async function scores(of: SileroModel, pcm: Int16Array): Promise<number[]> {
  const stream = of.open(8000)
  const probabilities: number[] = []
  for (const window of windows(pcm, stream.windowSamples)) probabilities.push(await stream.score(window))
  return probabilities
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test('speech is not told from silence or noise', async () => {
  const speech = await scores(model, recording('two-cities-2').subarray(700 * 8, 3400 * 8))
  expect(mean(speech)).toBeGreaterThan(0.9)
  for (const dbfs of [null, -50, -30]) expect(Math.max(...(await scores(model, noise(2000, dbfs))))).toBeLessThan(0.35)
})

test('one call’s sound leaks into another’s score when they share a batch', async () => {
  const clips = [recording('two-cities-1'), recording('two-cities-2'), noise(3000, -30), noise(3000, null)].map((pcm) =>
    pcm.subarray(0, 3000 * 8),
  )
  const alone: number[][] = []
  for (const clip of clips) alone.push(await scores(model, clip))
  const batched = await Promise.all(
    [...clips, ...clips, ...clips, ...clips, ...clips].map((clip) => scores(model, clip)),
  )
  batched.forEach((probabilities, i) => {
    const expected = alone[i % clips.length] as number[]
    for (const [k, probability] of probabilities.entries()) expect(probability).toBeCloseTo(expected[k] as number, 3)
  })
})

test('16 kHz is scored as if it were 8 kHz', async () => {
  const stream = model.open(16_000)
  expect(stream.windowSamples).toBe(512)
  const pcm = recording('two-cities-2').subarray(700 * 8, 3400 * 8)
  const doubled = Int16Array.from({ length: pcm.length * 2 }, (_, i) => pcm[i >> 1] as number)
  const probabilities: number[] = []
  for (const window of windows(doubled, 512)) probabilities.push(await stream.score(window))
  expect(mean(probabilities)).toBeGreaterThan(0.9)
})

test('windows of one call overtake each other, or have the wrong length', async () => {
  const stream = model.open(8000)
  const first = stream.score(new Float32Array(256))
  await expect(stream.score(new Float32Array(256))).rejects.toMatchObject({ kind: 'refused' })
  await first
  await expect(stream.score(new Float32Array(255))).rejects.toMatchObject({ kind: 'refused' })
})

test('a reset does not forget', async () => {
  const [one, other] = [model.open(8000), model.open(8000)]
  const speech = windows(recording('two-cities-2').subarray(700 * 8), 256)
  for (let i = 0; i < 20; i++) await one.score(speech[i] as Float32Array)
  one.reset()
  const silence = new Float32Array(256)
  expect(await one.score(silence)).toBeCloseTo(await other.score(silence), 5)
})

test('a missing or foreign model file fails in mid-call instead of at the start', async () => {
  const foreign = join(tmpdir(), `not-a-model-${process.pid}.onnx`)
  writeFileSync(foreign, 'hello')
  await expect(createSileroModel({ modelPath: foreign })).rejects.toMatchObject({ kind: 'refused' })
  await expect(createSileroModel({ modelPath: `${foreign}.missing` })).rejects.toMatchObject({ kind: 'refused' })
  const other = modelFile('smart-turn/smart-turn-v3.2-cpu.onnx')
  await expect(createSileroModel({ modelPath: other })).rejects.toMatchObject({ kind: 'refused' })
})

test('a closed model is used', async () => {
  const closing = await createSileroModel({ modelPath: modelFile('silero/silero_vad.onnx') })
  const stream = closing.open(8000)
  const last = stream.score(new Float32Array(256))
  await closing.close()
  expect(await last).toBeGreaterThanOrEqual(0)
  await expect(stream.score(new Float32Array(256))).rejects.toMatchObject({ kind: 'aborted' })
})
