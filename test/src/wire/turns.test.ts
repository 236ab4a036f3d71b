import { expect, test } from 'vitest'
import { encodeG711 } from './g711.js'
import { buildRtp } from './rtp-packet.js'
import { arrivedPcm, heardPcm, rtpTimeline, segments } from './rtp-timeline.js'
import { stopLatencyMs, wireTurns } from './turns.js'

/** A stream of 20 ms packets; `loud` says which sound. */
function stream(
  count: number,
  loud: (index: number) => boolean,
  first = { sequence: 65_530, timestamp: 2 ** 32 - 320 },
) {
  return Array.from({ length: count }, (_, index) => {
    const pcm = new Int16Array(160).fill(loud(index) ? 5000 : 0)
    const payload = encodeG711('PCMU', pcm)
    const sequence = first.sequence + index
    const bytes = buildRtp({
      payloadType: 0,
      marker: false,
      sequence,
      timestamp: first.timestamp + index * 160,
      ssrc: 7,
      payload,
    })
    return { atMs: 1000 + index * 20, bytes }
  })
}

test('sound over wraps of sequence number and timestamp falls into pieces', () => {
  const packets = rtpTimeline(stream(100, (index) => index >= 10 && index < 50))
  expect(packets).toHaveLength(100)
  const [segment, ...more] = segments(packets, 60)
  expect(more).toEqual([])
  expect(segment?.startMs).toBeCloseTo(1200)
  expect(segment?.endMs).toBeCloseTo(2000)
  expect(heardPcm(packets)).toHaveLength(16_000)
})

test('reordered and doubled packets count twice or out of order', () => {
  const sent = stream(20, () => true)
  const mixed = [...sent.slice(0, 5), ...sent.slice(6, 8), ...sent.slice(5, 6), ...sent.slice(7, 8), ...sent.slice(8)]
  expect(rtpTimeline(mixed).map(({ sequence }) => sequence - 65_530)).toEqual([...Array(20).keys()])
})

test('sound that arrived late is laid where it was sent', () => {
  const sent = stream(10, (index) => index === 4)
  const fourth = sent[4]
  if (fourth) fourth.atMs += 15
  const pcm = arrivedPcm(rtpTimeline(sent), 1000, 1200)
  expect(pcm.findIndex((sample) => sample !== 0)).toBe((80 + 15) * 8)
})

test('voice to voice is not last voiced sample to first audible sample', () => {
  const caller = segments(rtpTimeline(stream(300, (index) => index < 50 || (index > 200 && index < 230))), 700)
  const agent = segments(rtpTimeline(stream(300, (index) => (index >= 80 && index < 150) || index >= 260)), 60)
  expect(wireTurns(caller, agent).map(({ latencyMs }) => Math.round(latencyMs))).toEqual([600, 600])
})

test('a barge-in that the agent obeys after 300 ms is measured as something else', () => {
  const agent = segments(rtpTimeline(stream(300, (index) => index < 100 || index >= 200)), 60)
  expect(stopLatencyMs(agent, 1000 + 1700, 8000)).toBeCloseTo(300)
  expect(stopLatencyMs(agent, 1000 + 2500, 8000)).toBe(0)
  expect(stopLatencyMs([{ startMs: 0, endMs: 7900 }], 3000, 8000)).toBeNull()
})
