import { describe, expect, it } from 'vitest'
import { Reception } from './reception.js'
import { parseRtcp } from './rtcp.js'
import { RtcpSession } from './rtcp-session.js'

const T0 = 1_700_000_000_000
const sent = (packets: number) => ({ packets, payloadBytes: packets * 160, rtpTimestamp: 99 })

function heardFrom(ssrc: number) {
  const reception = new Reception()
  for (let i = 0; i < 10; i++) reception.push(i, i * 160, i * 20)
  return { ssrc, reception }
}

describe('RTCP session', () => {
  it('measures the round trip from both sides of two reports', () => {
    const a = new RtcpSession(1)
    const b = new RtcpSession(2)
    // a reports; 40 ms on the way; b keeps it 700 ms; 60 ms back.
    const first = a.report(T0, sent(5), heardFrom(2))
    expect(b.receive(first, T0 + 40)).toBe(true)
    const second = b.report(T0 + 740, sent(5), heardFrom(1))
    a.receive(second, T0 + 800)
    expect(a.rttMs).toBeCloseTo(100, 0)
    expect(b.rttMs).toBeNull()
  })

  it('sends a sender report while packets leave, a receiver report when none did', () => {
    const session = new RtcpSession(1)
    const types = [sent(5), sent(5), sent(6)].map(
      (counts, i) => parseRtcp(session.report(T0 + i * 5000, counts, heardFrom(2)))?.[0]?.type,
    )
    expect(types).toEqual(['sr', 'rr', 'sr'])
  })

  it('always carries a CNAME, and ends with a BYE', () => {
    const session = new RtcpSession(1)
    const packets = parseRtcp(session.goodbye(T0, sent(1), { ssrc: null, reception: new Reception() }))
    expect(packets?.map(({ type }) => type)).toEqual(['sr', 'sdes', 'bye'])
    const peer = new RtcpSession(2)
    peer.receive(session.goodbye(T0, sent(1), heardFrom(2)), T0)
    expect(peer.peerLeft).toBe(true)
  })

  it('reports about every five seconds, not all calls in step', () => {
    const times: number[] = []
    const session = new RtcpSession(1, () => 0.9)
    for (let ms = T0; ms < T0 + 60_000; ms += 20) {
      if (!session.due(ms)) continue
      times.push(ms)
      session.report(ms, sent(1), heardFrom(2))
    }
    expect(times.length).toBe(9)
  })

  it('does not believe an absurd round trip or a malformed report', () => {
    const session = new RtcpSession(1)
    const peer = new RtcpSession(2)
    peer.receive(session.report(T0, sent(1), heardFrom(2)), T0)
    session.receive(peer.report(T0 + 1, sent(1), heardFrom(1)), T0 + 3_600_000)
    expect(session.rttMs).toBeNull()
    expect(session.receive(new Uint8Array(9), T0)).toBe(false)
  })
})
