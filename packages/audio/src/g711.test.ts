import { alaw, mulaw } from 'alawmulaw'
import { describe, expect, it } from 'vitest'
import { decodeG711, encodeG711, G711_SILENCE, type G711Codec } from './g711.js'

const octets = Uint8Array.from({ length: 256 }, (_, index) => index)
const everySample = Int16Array.from({ length: 65536 }, (_, index) => index - 32768)
const oracles = { PCMU: mulaw, PCMA: alaw }

describe.each(['PCMU', 'PCMA'] as G711Codec[])('%s', (codec) => {
  it('decodes every octet as an independent implementation does', () => {
    expect([...decodeG711(codec, octets)]).toEqual([...oracles[codec].decode(octets)])
  })

  it('does not drift when audio is decoded and encoded again and again', () => {
    const once = decodeG711(codec, octets)
    expect([...decodeG711(codec, encodeG711(codec, once))]).toEqual([...once])
  })

  it('encodes every sample to a level at most half a step away', () => {
    const decoded = decodeG711(codec, encodeG711(codec, everySample))
    const wrong = everySample.filter((sample, i) => {
      // A segment's step is a 16th of where the segment begins; above 32000 the law clips.
      const halfStep = Math.max(8, (Math.abs(sample) + 132) / 32 + 1)
      return Math.abs(sample) < 32000 && Math.abs((decoded[i] as number) - sample) > halfStep
    })
    expect([...wrong]).toEqual([])
  })

  it('keeps full-scale negative samples negative', () => {
    expect(decodeG711(codec, encodeG711(codec, Int16Array.of(-32768)))[0]).toBeLessThan(-31000)
    expect(decodeG711(codec, encodeG711(codec, Int16Array.of(32767)))[0]).toBeGreaterThan(31000)
  })

  it('has a silence octet that is silent', () => {
    expect(Math.abs(decodeG711(codec, Uint8Array.of(G711_SILENCE[codec]))[0] as number)).toBeLessThanOrEqual(8)
    expect(encodeG711(codec, Int16Array.of(0))[0]).toBe(G711_SILENCE[codec])
  })
})
