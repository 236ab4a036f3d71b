import fc from 'fast-check'
import { expect, it } from 'vitest'
import { base64OfPcm, bytesOfPcm, PcmByteReader, pcmOfBase64, pcmOfBytes } from './pcm-bytes.js'

const samples = fc.int16Array()

it('gives back the samples it was given', () => {
  fc.assert(fc.property(samples, (pcm) => void expect(pcmOfBytes(bytesOfPcm(pcm))).toEqual(pcm)))
  fc.assert(fc.property(samples, (pcm) => void expect(pcmOfBase64(base64OfPcm(pcm))).toEqual(pcm)))
})

it('is little-endian', () => {
  expect([...bytesOfPcm(Int16Array.of(0x1234, -2))]).toEqual([0x34, 0x12, 0xfe, 0xff])
})

it('does not turn speech to noise when a stream is cut in the middle of a sample', () => {
  fc.assert(
    fc.property(samples, fc.array(fc.nat(7)), (pcm, cuts) => {
      const bytes = bytesOfPcm(pcm)
      const reader = new PcmByteReader()
      const got: number[] = []
      let at = 0
      for (const cut of [...cuts, bytes.length]) {
        got.push(...reader.push(bytes.subarray(at, at + cut)))
        at = Math.min(bytes.length, at + cut)
      }
      got.push(...reader.push(bytes.subarray(at)))
      expect(got).toEqual([...pcm])
    }),
  )
})

it('reads bytes that do not start at an even address', () => {
  expect([...pcmOfBytes(Uint8Array.of(9, 1, 0, 2, 0).subarray(1))]).toEqual([1, 2])
})
