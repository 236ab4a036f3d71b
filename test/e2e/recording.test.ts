import { expect, test } from 'vitest'
import { clip } from '../src/speech/clip.js'
import { findSound } from '../src/wire/alignment.js'
import { segments, type TimelinePacket } from '../src/wire/rtp-timeline.js'
import { AGENT_JOIN_MS, CALLER_JOIN_MS } from '../src/wire/turns.js'
import { readWav } from '../src/wire/wav.js'
import { api, createAgent, withCaller } from './scene.js'

const PIECE_MS = 300
/** Both channels' offsets from the wire may differ by this much. */
const ALIGNED_MS = 20

/** For each stretch of sound on the wire, how far from it the channel has it, ms. */
function offsets(channel: Int16Array, packets: TimelinePacket[], joinMs: number, originMs: number): number[] {
  return segments(packets, joinMs)
    .filter(({ startMs, endMs }) => endMs - startMs >= PIECE_MS + 100)
    .map(({ startMs }) => {
      const { pcm, atMs } = pieceAt(packets, startMs)
      const expectedAt = (atMs - originMs) * 8
      const match = findSound(channel, pcm, expectedAt - 8 * 400, expectedAt + 8 * 400)
      expect(match.likeness).toBeGreaterThan(0.9)
      return match.at / 8 - (atMs - originMs)
    })
}

/** The sound from `startMs` on, and when it was on the wire: the median of what its packets say. */
function pieceAt(packets: TimelinePacket[], startMs: number): { pcm: Int16Array; atMs: number } {
  const from = packets.findIndex(({ atMs }) => atMs + 20 > startMs)
  const piece = packets.slice(from, from + PIECE_MS / 20)
  const first = piece[0]?.timestamp ?? 0
  const begins = piece.map(({ atMs, timestamp }) => atMs - (timestamp - first) / 8)
  const pcm = new Int16Array(piece.length * 160)
  for (const { timestamp, pcm: part } of piece) if (timestamp - first < pcm.length) pcm.set(part, timestamp - first)
  return { pcm, atMs: begins.sort((one, other) => one - other)[Math.floor(begins.length / 2)] ?? startMs }
}

test('the recording is not both sides as the caller sent and heard them, aligned', async () => {
  const user = await createAgent('recorded')
  const { sent, received, answeredMs } = await withCaller({ user }, async (caller) => {
    await caller.ask(clip('opening-hours'))
    await caller.ask(clip('book-table'))
    await caller.waitForAgentToFinish()
    return { sent: caller.sent(), received: caller.received(), answeredMs: caller.answeredMs }
  })
  const call = await api.finishedCall(user, { recording: true })
  const wav = readWav(await api.recording(call.id))
  expect(wav.rateHz).toBe(8000)
  const [left, right, ...more] = wav.channels
  if (!left || !right) throw new Error('the recording is not stereo')
  expect(more).toEqual([])
  expect(Math.abs((wav.channels[0]?.length ?? 0) / 8 - (call.duration_ms ?? 0))).toBeLessThan(200)

  const caller = offsets(left, sent, CALLER_JOIN_MS, answeredMs)
  const agent = offsets(right, received, AGENT_JOIN_MS, answeredMs)
  expect(caller).toHaveLength(2)
  expect(agent.length).toBeGreaterThanOrEqual(3)
  const all = [...caller, ...agent]
  const spread = Math.max(...all) - Math.min(...all)
  expect(spread, `offsets from the wire in ms: ${all.map(Math.round).join(', ')}`).toBeLessThanOrEqual(ALIGNED_MS)
})

test('an agent that keeps no recording has one all the same', async () => {
  const user = await createAgent('unrecorded', { recording: false })
  await withCaller({ user }, (caller) => caller.waitForAgentToFinish())
  const call = await api.finishedCall(user)
  expect(call.recording).toBeNull()
  await expect(api.recording(call.id)).rejects.toThrow('404')
})
