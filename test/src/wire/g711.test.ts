import { expect, test } from 'vitest'
import { decodeG711, encodeG711 } from './g711.js'

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)

test.each(['PCMU', 'PCMA'] as const)('%s: a byte that is decoded and encoded again has changed', (codec) => {
  const again = encodeG711(codec, decodeG711(codec, everyByte))
  // 0x7f is µ-law's negative zero.
  expect([...again].filter((byte, at) => byte !== at && !(codec === 'PCMU' && at === 0x7f))).toEqual([])
})

test.each(['PCMU', 'PCMA'] as const)('%s: a tone comes out with more noise than G.711 may add', (codec) => {
  const tone = Int16Array.from({ length: 8000 }, (_, at) => Math.round(8000 * Math.sin(at * 0.37)))
  const heard = decodeG711(codec, encodeG711(codec, tone))
  const noise = heard.reduce((sum, sample, at) => sum + (sample - (tone[at] ?? 0)) ** 2, 0)
  const signal = tone.reduce((sum, sample) => sum + sample ** 2, 0)
  expect(10 * Math.log10(signal / noise)).toBeGreaterThan(33)
})

test('values of G.711 tables are off: 0, full scale and silence', () => {
  expect([...decodeG711('PCMU', Uint8Array.of(0xff, 0x00, 0x80))]).toEqual([0, -32124, 32124])
  expect([...decodeG711('PCMA', Uint8Array.of(0xd5, 0x2a, 0xaa))]).toEqual([8, -32256, 32256])
})
