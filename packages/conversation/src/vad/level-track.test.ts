import { beforeEach, expect, test } from 'vitest'
import { noise } from '../testing/speech.js'
import { createLevelTrack, type LevelTrack } from './level-track.js'

let track: LevelTrack
let nowMs = 0

beforeEach(() => {
  track = createLevelTrack(8000, 4000)
  nowMs = 0
})

function push(durationMs: number, dbfs: number | null, isReal = true): void {
  const pcm = noise(durationMs, dbfs)
  for (let at = 0; at < pcm.length; at += 160) {
    track.push(pcm.subarray(at, at + 160), nowMs, isReal)
    nowMs += 20
  }
}

test('the edges of speech are off by more than a window of 10 ms', () => {
  push(500, null)
  push(300, -20)
  push(400, null)
  expect(track.firstVoicedMs(500)).toBeCloseTo(500, -1)
  expect(track.lastVoicedMs(500)).toBeGreaterThan(798)
  expect(track.lastVoicedMs(500)).toBeLessThan(800)
  expect(track.quietMs).toBeGreaterThanOrEqual(400)
  expect(track.quietMs).toBeLessThan(402)
})

test('an edge is placed at the border of its window instead of at the sound', () => {
  const pcm = new Int16Array(160)
  pcm.fill(3000, 37, 60)
  track.push(pcm, 1000, true)
  expect(track.firstVoicedMs(1000)).toBe(1000 + 37 / 8)
  expect(track.lastVoicedMs(1000)).toBe(1000 + 59 / 8)
})

test('a weak onset before the model is sure is cut off, or an earlier noise is taken for it', () => {
  push(300, null)
  push(20, -20)
  push(100, null)
  push(20, -35)
  push(40, null)
  push(200, -20)
  expect(track.firstVoicedMs(nowMs - 150)).toBeCloseTo(420, -1)
})

test('the hiss of a bad line counts as voice', () => {
  push(1000, -43)
  push(500, -25)
  push(1000, -43)
  expect(track.lastVoicedMs(0)).toBeLessThan(1510)
  expect(track.voicedDbfs).toBeGreaterThan(-42)
})

test('a long sentence lifts the noise floor until its own end is not heard', () => {
  push(200, -70)
  for (let i = 0; i < 10; i++) {
    push(380, -30)
    push(20, -65)
  }
  push(100, -44)
  expect(track.voicedDbfs).toBe(-45)
  expect(track.quietMs).toBeLessThan(2)
})

test('a gap that was filled with silence teaches that the line is silent', () => {
  push(500, -43)
  const before = track.voicedDbfs
  push(500, null, false)
  expect(track.voicedDbfs).toBe(before)
  push(100, null)
  expect(track.voicedDbfs).toBe(-45)
})

test('a line on which nothing was heard yet is taken for one that fell silent', () => {
  expect([track.quietMs, track.firstVoicedMs(0), track.lastVoicedMs(0)]).toEqual([0, null, null])
  push(200, null)
  expect([track.quietMs, track.firstVoicedMs(0), track.lastVoicedMs(0)]).toEqual([0, null, null])
})
