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

  it('encodes every sample to the level nearest to it, or its neighbour on a decision boundary', () => {
    const levels = [...new Set(decodeG711(codec, octets))].sort((a, b) => a - b)
    const decoded = decodeG711(codec, encodeG711(codec, everySample))
    for (let i = 0; i < everySample.length; i++) {
      const sample = everySample[i] as number
      const error = Math.abs((decoded[i] as number) - sample)
      // Each segment's step is a 16th of its size: half a step, and the lowest segment's.
      if (Math.abs(sample) < 32000) expect(error).toBeLessThanOrEqual(Math.max(Math.abs(sample) / 29, 8))
    }
    expect(levels.length).toBeGreaterThanOrEqual(255)
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
