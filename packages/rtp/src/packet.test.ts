import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isRtcp,
  parseRtp,
  type RtpPacket,
  sequenceDistance,
  serializeRtp,
  timestampDistance,
  writeRtpHeader,
} from './packet.js'

const packets: fc.Arbitrary<RtpPacket> = fc.record({
  payloadType: fc.nat(127),
  marker: fc.boolean(),
  sequenceNumber: fc.nat(0xffff),
  timestamp: fc.nat(0xffffffff),
  ssrc: fc.nat(0xffffffff),
  csrcs: fc.array(fc.nat(0xffffffff), { maxLength: 15 }),
  extension: fc.option(
    fc.record({
      profile: fc.nat(0xffff),
      data: fc.nat(5).chain((words) => fc.uint8Array({ minLength: 4 * words, maxLength: 4 * words })),
    }),
  ),
  payload: fc.uint8Array({ maxLength: 200 }),
  paddingBytes: fc.nat(255),
})

describe('RTP', () => {
  it('reads back every packet it writes, CSRCs, extension and padding included', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(parseRtp(serializeRtp(packet))).toEqual(packet)
      }),
    )
  })

  it('gives null or a packet within the datagram for any bytes, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, version2) => {
        if (version2 && bytes.length > 0) bytes[0] = 0x80 | ((bytes[0] as number) & 0x3f)
        const packet = parseRtp(bytes)
        if (packet) expect(packet.payload.length + packet.paddingBytes + 12).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 10_000 },
    )
  })

  it.each([
    ['eleven octets', [0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]],
    ['version 1', [0x40, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]],
    ['CSRCs that are not there', [0x82, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9]],
    ['an extension cut short', [0x90, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9]],
    ['more padding than packet', [0xa0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9]],
    ['padding of nothing', [0xa0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7, 0]],
  ])('rejects %s', (_, bytes) => {
    expect(parseRtp(Uint8Array.from(bytes))).toBeNull()
  })

  it('writes the same header on the hot path', () => {
    const out = new Uint8Array(12)
    writeRtpHeader(out, 101, true, 65_535, 0xfffffff0, 0xdeadbeef)
    expect(parseRtp(out)).toMatchObject({
      payloadType: 101,
      marker: true,
      sequenceNumber: 65_535,
      timestamp: 0xfffffff0,
      ssrc: 0xdeadbeef,
    })
  })

  it('refuses to write what the format cannot hold', () => {
    const [packet] = fc.sample(packets, 1) as [RtpPacket]
    expect(() => serializeRtp({ ...packet, csrcs: new Array(16).fill(1) })).toThrow(RangeError)
    expect(() => serializeRtp({ ...packet, payloadType: 128 })).toThrow(RangeError)
    expect(() => serializeRtp({ ...packet, extension: { profile: 1, data: new Uint8Array(3) } })).toThrow(RangeError)
    expect(() => serializeRtp({ ...packet, paddingBytes: 256 })).toThrow(RangeError)
  })

  it('tells RTCP on the same port from RTP with the marker set', () => {
    expect(isRtcp(Uint8Array.of(0x80, 200, 0, 1, 0, 0, 0, 1))).toBe(true)
    expect(isRtcp(Uint8Array.of(0x80, 0x80 | 101, 0, 1, 0, 0, 0, 1))).toBe(false)
    expect(isRtcp(Uint8Array.of(0x80, 0x80, 0, 1, 0, 0, 0, 1))).toBe(false)
  })
})

describe('distances', () => {
  it('go the short way round the wrap', () => {
    expect(sequenceDistance(65_535, 2)).toBe(3)
    expect(sequenceDistance(2, 65_535)).toBe(-3)
    expect(timestampDistance(0xfffffff0, 16)).toBe(32)
    expect(timestampDistance(16, 0xfffffff0)).toBe(-32)
  })
})
