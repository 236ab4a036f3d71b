import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compactNtp, ntpOfUnixMs, parseRtcp, type RtcpPacket, serializeRtcp } from './rtcp.js'

const uint32 = fc.nat(0xffffffff)
const report = fc.record({
  ssrc: uint32,
  fractionLost: fc.nat(255),
  cumulativeLost: fc.integer({ min: -0x800000, max: 0x7fffff }),
  highestSequence: uint32,
  jitter: uint32,
  lastSr: uint32,
  delaySinceLastSr: uint32,
})
const reports = fc.array(report, { maxLength: 31 })
const packet = fc.oneof(
  fc.record({
    type: fc.constant('sr' as const),
    ssrc: uint32,
    ntp: fc.record({ seconds: uint32, fraction: uint32 }),
    rtpTimestamp: uint32,
    packetCount: uint32,
    octetCount: uint32,
    reports,
  }),
  fc.record({ type: fc.constant('rr' as const), ssrc: uint32, reports }),
  fc.record({
    type: fc.constant('sdes' as const),
    chunks: fc.array(fc.record({ ssrc: uint32, cname: fc.option(fc.string({ maxLength: 60 })) }), { maxLength: 5 }),
  }),
  fc.record({
    type: fc.constant('bye' as const),
    ssrcs: fc.array(uint32, { maxLength: 31 }),
    reason: fc.option(fc.string({ minLength: 1, maxLength: 60 })),
  }),
)
type Written = Exclude<RtcpPacket, { type: 'other' }>

describe('RTCP', () => {
  it('reads back every compound packet it writes', () => {
    fc.assert(
      fc.property(fc.array(packet, { minLength: 2, maxLength: 4 }), (packets) => {
        const bytes = serializeRtcp(packets as Written[])
        fc.pre(bytes.length <= 8192)
        expect(parseRtcp(bytes)).toEqual(packets)
      }),
      { numRuns: 300 },
    )
  })

  it('gives null or packets for any bytes, and never throws', () => {
    fc.assert(
      fc.property(
        fc.array(packet, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255))),
        fc.nat(400),
        (packets, edits, length) => {
          const bytes = serializeRtcp(packets as Written[]).slice(0, length)
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value
          parseRtcp(bytes)
        },
      ),
      { numRuns: 10_000 },
    )
  })

  it('reads kinds it does not use without losing the others', () => {
    const app = Uint8Array.of(0x80, 204, 0, 2, 0, 0, 0, 1, 65, 66, 67, 68)
    const bye = serializeRtcp([{ type: 'bye', ssrcs: [5], reason: null }])
    expect(parseRtcp(Uint8Array.from([...app, ...bye]))).toEqual([
      { type: 'other', packetType: 204 },
      { type: 'bye', ssrcs: [5], reason: null },
    ])
  })

  it('skips padding at the end', () => {
    const bye = serializeRtcp([{ type: 'bye', ssrcs: [5], reason: null }])
    const padded = Uint8Array.from([...bye, 0, 0, 0, 4])
    padded[0] = 0xa1
    padded[3] = 2
    expect(parseRtcp(padded)).toEqual([{ type: 'bye', ssrcs: [5], reason: null }])
  })
})

describe('NTP time', () => {
  it('counts from 1900', () => {
    expect(ntpOfUnixMs(0)).toEqual({ seconds: 2_208_988_800, fraction: 0 })
    expect(ntpOfUnixMs(500).fraction).toBe(0x80000000)
  })

  it('is compact to a 65536th of a second', () => {
    expect(compactNtp(ntpOfUnixMs(1000)) - compactNtp(ntpOfUnixMs(0))).toBe(65_536)
  })
})
