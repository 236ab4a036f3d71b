import { expect, test } from 'vitest'
import { createSpeechDetector, type SpeechDetectorSettings, type SpeechEdge } from './speech-detector.js'

const windowMs = 32

/** Runs windows of 32 ms through a detector: `[probability, how many, how long quiet at the end]`. */
function detect(
  windows: [number, number, number?][],
  settings?: SpeechDetectorSettings,
): (SpeechEdge & { atMs: number })[] {
  const detector = createSpeechDetector(settings)
  const edges: (SpeechEdge & { atMs: number })[] = []
  let startMs = 0
  for (const [probability, count, quietMs = 0] of windows) {
    for (let i = 0; i < count; i++) {
      const endMs = startMs + windowMs
      const edge = detector.push({ startMs, endMs, durationMs: windowMs, probability, quietMs })
      if (edge) edges.push({ ...edge, atMs: endMs })
      startMs = endMs
    }
  }
  return edges
}

test('speech is told late, or from the moment it was certain instead of from its start', () => {
  expect(
    detect([
      [0.1, 10],
      [0.9, 3],
    ]),
  ).toEqual([{ type: 'started', fromMs: 320, atMs: 416 }])
})

test('N2 a spike shorter than the least speech starts or ends something', () => {
  expect(
    detect([
      [0.1, 5],
      [0.99, 2],
      [0.1, 40],
    ]),
  ).toEqual([])
})

test('N4 fragments that are each too short add up to a start', () => {
  expect(
    detect([
      [0.9, 2],
      [0.1, 1],
      [0.9, 2],
      [0.1, 1],
      [0.9, 2],
      [0.1, 20],
    ]),
  ).toEqual([])
})

test('B11 padding around the speech counts as speech', () => {
  const settings = { startMs: 384 }
  expect(
    detect(
      [
        [0.1, 5],
        [0.9, 10],
        [0.1, 5],
      ],
      settings,
    ),
  ).toEqual([])
  expect(
    detect(
      [
        [0.1, 5],
        [0.9, 12],
        [0.1, 5],
      ],
      settings,
    ).map(({ type, atMs }) => [type, atMs]),
  ).toEqual([['started', 544]])
})

test('a probability that wavers between the thresholds starts, ends or breaks speech', () => {
  expect(detect([[0.45, 50]])).toEqual([])
  expect(
    detect([
      [0.9, 1],
      [0.4, 2],
    ]),
  ).toEqual([{ type: 'started', fromMs: 0, atMs: 96 }])
  expect(
    detect([
      [0.9, 4],
      [0.4, 100],
    ]),
  ).toHaveLength(1)
  expect(
    detect([
      [0.9, 4],
      [0.1, 4],
      [0.4, 1],
      [0.1, 1],
    ]).map(({ type }) => type),
  ).toEqual(['started', 'stopped'])
})

test('a pause inside a sentence ends it', () => {
  expect(
    detect([
      [0.9, 4],
      [0.1, 5],
      [0.9, 4],
      [0.1, 5],
      [0.9, 1],
    ]),
  ).toHaveLength(1)
})

test('the end is the moment of certainty instead of the end of speech', () => {
  expect(
    detect([
      [0.9, 10],
      [0.4, 1],
      [0.1, 20],
    ]).at(-1),
  ).toEqual({ type: 'stopped', untilMs: 352, atMs: 544 })
})

test('a model that lets go late makes the answer late, though the line has been quiet', () => {
  expect(
    detect([
      [0.9, 10],
      [0.1, 1, 250],
      [0.1, 1, 282],
    ]).at(-1),
  ).toEqual({ type: 'stopped', untilMs: 320, atMs: 384 })
  expect(
    detect([
      [0.9, 10],
      [0.1, 2, 160],
    ]),
  ).toHaveLength(1)
  // One doubtful window is no end, and while the model hears speech a quiet voice is a voice.
  expect(
    detect([
      [0.9, 10],
      [0.1, 1, 400],
      [0.9, 5],
    ]),
  ).toHaveLength(1)
  expect(detect([[0.9, 50, 1000]])).toHaveLength(1)
})

test('speaking and quiet say different things about a fragment', () => {
  const detector = createSpeechDetector()
  const push = (probability: number, startMs: number) =>
    detector.push({ startMs, endMs: startMs + 32, durationMs: 32, probability, quietMs: 0 })
  expect([detector.speaking, detector.quiet]).toEqual([false, true])
  push(0.9, 0)
  expect([detector.speaking, detector.quiet]).toEqual([false, false])
  push(0.9, 32)
  push(0.9, 64)
  expect([detector.speaking, detector.quiet]).toEqual([true, false])
})
