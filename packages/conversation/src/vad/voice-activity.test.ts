import { InferenceError } from '@hotline/inference'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelFile } from '../testing/models.js'
import { mix, noise, recording, sequence } from '../testing/speech.js'
import { createSileroModel, type SileroModel } from './silero.js'
import { VoiceActivity, type VoiceFrame } from './voice-activity.js'

let model: SileroModel

beforeAll(async () => {
  model = await createSileroModel({ modelPath: modelFile('silero/silero_vad.onnx') })
})

afterAll(() => model.close())

interface Heard {
  type: 'started' | 'stopped'
  /** The edge, on the media clock. */
  edgeMs: number
  /** When it was told, in audio. */
  atMs: number
}

const settled = async () => {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Plays audio through a VoiceActivity, frame by frame. */
async function hear(
  pcm: Int16Array,
  shape: (frame: VoiceFrame, index: number) => VoiceFrame = (frame) => frame,
  using: SileroModel = model,
): Promise<Heard[]> {
  const activity = new VoiceActivity({ model: using })
  const heard: Heard[] = []
  let atMs = 0
  activity.on('speech_started', ({ startMs }) => heard.push({ type: 'started', edgeMs: startMs, atMs }))
  activity.on('speech_stopped', ({ lastVoicedMs }) => heard.push({ type: 'stopped', edgeMs: lastVoicedMs, atMs }))
  for (let i = 0; (i + 1) * 160 <= pcm.length; i++) {
    atMs = (i + 1) * 20
    activity.push(shape({ pcm: pcm.subarray(i * 160, (i + 1) * 160), arrivalMs: i * 20 }, i))
    await settled()
  }
  activity.close()
  return heard
}

/** Where the two phrases of this recording begin and end, by its level. */
const clip = recording('two-cities-2').subarray(0, 4300 * 8)
const phraseStartMs = 673
const phraseEndMs = 3540

function expectPhrase(heard: Heard[], offsetMs: number, toleranceMs: number): void {
  const [first, last] = [heard[0], heard.at(-1)]
  expect(first?.type).toBe('started')
  expect(last?.type).toBe('stopped')
  expect(Math.abs((first?.edgeMs ?? 0) - offsetMs - phraseStartMs)).toBeLessThanOrEqual(toleranceMs)
  expect(Math.abs((last?.edgeMs ?? 0) - offsetMs - phraseEndMs)).toBeLessThanOrEqual(toleranceMs)
}

test('the edges of recorded speech are off, or told late', async () => {
  const heard = await hear(clip)
  expectPhrase(heard, 0, 10)
  expect((heard[0]?.atMs ?? 0) - phraseStartMs).toBeLessThan(200)
  expect((heard.at(-1)?.atMs ?? 0) - phraseEndMs).toBeLessThan(320)
  expect(heard.map(({ type }) => type)).toEqual(heard.map((_, i) => (i % 2 === 0 ? 'started' : 'stopped')))
})

test('a noisy line moves the edges', async () => {
  expectPhrase(await hear(mix(clip, noise(4300, -55))), 0, 30)
})

test('a minute of hold music deafens the model to the next words', async () => {
  const music = Int16Array.from({ length: 30_000 * 8 }, (_, i) => {
    const hz = [261, 329, 392, 523][Math.floor(i / 2000) % 4] as number
    const angle = (2 * Math.PI * hz * i) / 8000
    return Math.round(3000 * (Math.sin(angle) + 0.5 * Math.sin(2 * angle) + 0.3 * Math.sin(3 * angle)))
  })
  const heard = (await hear(sequence(music, clip))).filter(({ atMs }) => atMs > 30_000)
  expect(heard[0]?.type).toBe('started')
  expect((heard[0]?.atMs ?? 0) - 30_000 - phraseStartMs).toBeLessThan(260)
})

test('a minute of silence deafens the model to the next words', async () => {
  expectPhrase(await hear(sequence(noise(60_000, null), clip)), 60_000, 10)
})

test('nothing but noise, a click or a tone is speech', async () => {
  const click = new Int16Array(8000)
  click.fill(20_000, 4000, 4080)
  const tone = Int16Array.from({ length: 16_000 }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 425 * i) / 8000)),
  )
  expect(await hear(sequence(noise(2000, -35), click, tone, noise(1000, null)))).toEqual([])
})

test('jitter of the packets moves the edges by more than itself', async () => {
  const heard = await hear(clip, (frame, i) => ({ ...frame, arrivalMs: frame.arrivalMs + 60 + ((i * 7) % 5) * 4 }))
  expectPhrase(heard, 60 + 8, 20)
})

test('a gap that was filled with silence is the end of the noise floor', async () => {
  const heard = await hear(sequence(noise(1000, -48), mix(clip, noise(4300, -48))), (frame, i) =>
    i >= 30 && i < 40 ? { ...frame, pcm: new Int16Array(160), kind: 'silence' } : frame,
  )
  expectPhrase(heard, 1000, 60)
})

test('a model that fails makes the agent deaf', async () => {
  const broken: SileroModel = {
    open: () => ({
      windowSamples: 256,
      score: () => Promise.reject(new InferenceError('bad_response', 'broken')),
      reset() {},
    }),
    close: async () => {},
  }
  expectPhrase(await hear(clip, undefined, broken), 0, 20)
})

test('a stalled model piles up audio, or mixes up its order', async () => {
  const release: (() => void)[] = []
  const scored: number[] = []
  const slow: SileroModel = {
    open: () => ({
      windowSamples: 256,
      score: (window) => {
        scored.push(Math.round((window[0] as number) * 32768))
        return new Promise((resolve) => release.push(() => resolve(0)))
      },
      reset() {},
    }),
    close: async () => {},
  }
  const activity = new VoiceActivity({ model: slow })
  for (let i = 0; i < 800; i++) activity.push({ pcm: new Int16Array(160).fill(i), arrivalMs: i * 20 })
  for (let i = 0; i < 100; i++) {
    release.shift()?.()
    await settled()
  }
  expect(scored).toHaveLength(32)
  expect(scored).toEqual([...scored].sort((a, b) => a - b))
})

test('a call that is over still tells of speech', async () => {
  const activity = new VoiceActivity({ model })
  let events = 0
  activity.on('speech_started', () => events++)
  for (let i = 0; i < 60; i++) activity.push({ pcm: clip.subarray((i + 30) * 160, (i + 31) * 160), arrivalMs: i * 20 })
  activity.close()
  await settled()
  activity.push({ pcm: clip.subarray(0, 160), arrivalMs: 0 })
  await settled()
  expect(events).toBe(0)
})
