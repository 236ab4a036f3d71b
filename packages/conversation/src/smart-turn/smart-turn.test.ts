import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelFile } from '../testing/models.js'
import { noise, recording, sequence } from '../testing/speech.js'
import { bundleWorker, type WorkerBundle } from '../testing/worker-bundle.js'
import { createSmartTurn, type SmartTurn, type SmartTurnOptions } from './smart-turn.js'

let bundle: WorkerBundle
let smartTurn: SmartTurn

const modelPath = modelFile('smart-turn/smart-turn-v3.2-cpu.onnx')
const start = (options: Partial<SmartTurnOptions> = {}) =>
  createSmartTurn({ modelPath, workerUrl: bundle.url, timeoutMs: 10_000, ...options })

beforeAll(async () => {
  bundle = await bundleWorker(new URL('./worker.ts', import.meta.url))
  smartTurn = await start()
}, 30_000)

afterAll(async () => {
  await smartTurn?.close()
  bundle?.remove()
})

test('probabilities differ from those of the model in Python', async () => {
  const { cases } = JSON.parse(
    readFileSync(new URL('../../fixtures/log-mel-reference.json', import.meta.url), 'utf8'),
  ) as { cases: Record<string, { samples: number; probability: number }> }
  const first = recording('two-cities-1')
  const audio = sequence(first, recording('two-cities-2'), first)
  for (const { samples, probability } of Object.values(cases)) {
    expect(await smartTurn.predict(audio.subarray(0, samples), 16_000)).toBeCloseTo(probability, 2)
  }
})

test('a finished sentence is not told from one that is cut, at telephone rate', async () => {
  const clip = recording('two-cities-1')
  const from = (startMs: number, endMs: number) => clip.subarray(startMs * 8, endMs * 8)
  expect(await smartTurn.predict(sequence(from(5150, 7080), noise(200, null)), 8000)).toBeGreaterThan(0.8)
  expect(await smartTurn.predict(sequence(from(200, 2800), noise(200, null)), 8000)).toBeLessThan(0.2)
})

test('a prediction holds up the event loop, or takes the caller’s audio away', async () => {
  const clip = recording('two-cities-1').slice()
  let turns = 0
  const count = setInterval(() => turns++, 1)
  const [a, b] = await Promise.all([smartTurn.predict(clip, 8000), smartTurn.predict(clip, 8000)])
  clearInterval(count)
  expect(a).toBe(b)
  expect(clip).toHaveLength(60_000)
  expect(turns).toBeGreaterThan(3)
})

test('a prediction that is no longer wanted is waited for', async () => {
  const abort = new AbortController()
  const wanted = smartTurn.predict(recording('two-cities-1'), 8000)
  const unwanted = smartTurn.predict(recording('two-cities-1'), 8000, abort.signal)
  abort.abort()
  await expect(unwanted).rejects.toMatchObject({ kind: 'aborted' })
  await expect(smartTurn.predict(noise(100, null), 8000, abort.signal)).rejects.toMatchObject({ kind: 'aborted' })
  expect(await wanted).toBeGreaterThanOrEqual(0)
})

test('too many predictions pile up, or wait for ever', async () => {
  const busy = await start({ timeoutMs: 1, maxQueued: 3 })
  const results = await Promise.allSettled(Array.from({ length: 6 }, () => busy.predict(noise(8000, -30), 8000)))
  const kinds = results.map((result) => (result.status === 'rejected' ? result.reason.kind : 'done'))
  expect(kinds).toEqual(['timeout', 'timeout', 'timeout', 'timeout', 'overloaded', 'overloaded'])
  await busy.close()
})

test('a worker thread that dies takes end-of-turn detection with it', async () => {
  const source = `
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ id, pcm }) => {
      if (pcm[0] === 1) process.exit(1)
      if (pcm[0] === 2) throw new Error('bug')
      parentPort.postMessage({ type: 'predicted', id, probability: 0.5 })
    })
    parentPort.postMessage({ type: 'ready' })`
  const fragile = await start({ workerUrl: new URL(`data:text/javascript,${encodeURIComponent(source)}`) })
  for (const bad of [1, 2]) {
    const dying = fragile.predict(Int16Array.of(bad))
    const waiting = fragile.predict(Int16Array.of(0))
    await expect(dying).rejects.toMatchObject({ kind: 'network' })
    expect(await waiting).toBe(0.5)
  }
  await fragile.close()
})

test('a model that cannot be loaded is found out in the first call', async () => {
  await expect(start({ modelPath: '/nowhere.onnx' })).rejects.toMatchObject({ kind: 'refused' })
  await expect(start({ modelPath: modelFile('silero/silero_vad.onnx') })).rejects.toMatchObject({ kind: 'refused' })
})

test('closing leaves predictions waiting, or the thread running', async () => {
  const closing = await start()
  const first = closing.predict(noise(8000, -30), 8000)
  const second = closing.predict(noise(8000, -30), 8000)
  const results = Promise.allSettled([first, second])
  await closing.close()
  for (const result of await results) expect(result).toMatchObject({ reason: { kind: 'aborted' } })
  await expect(closing.predict(noise(10, null))).rejects.toMatchObject({ kind: 'aborted' })
})
