/** ITU-T G.711, written from the standard's segments: the judge does not share the product's tables. */
export type Codec = 'PCMU' | 'PCMA'

/** Static RTP payload types, RFC 3551 table 4. */
export const PAYLOAD_TYPE: Record<Codec, number> = { PCMU: 0, PCMA: 8 }

/** The byte of digital silence. */
export const SILENCE: Record<Codec, number> = { PCMU: 0xff, PCMA: 0xd5 }

function decodeMu(byte: number): number {
  const value = ~byte & 0xff
  const magnitude = (((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4)
  return value & 0x80 ? 0x84 - magnitude : magnitude - 0x84
}

function decodeA(byte: number): number {
  const value = byte ^ 0x55
  const segment = (value & 0x70) >> 4
  const mantissa = (value & 0x0f) << 4
  const magnitude = segment === 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1)
  return value & 0x80 ? magnitude : -magnitude
}

function encodeMu(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_635) + 0x84
  const segment = Math.floor(Math.log2(magnitude)) - 7
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff
}

function encodeA(sample: number): number {
  const magnitude = Math.min(sample < 0 ? -sample - 1 : sample, 32_767)
  const segment = magnitude < 256 ? 0 : Math.floor(Math.log2(magnitude)) - 7
  const mantissa = segment === 0 ? magnitude >> 4 : magnitude >> (segment + 3)
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | (mantissa & 0x0f)) ^ 0x55
}

const decodeTable: Record<Codec, Int16Array> = {
  PCMU: Int16Array.from({ length: 256 }, (_, byte) => decodeMu(byte)),
  PCMA: Int16Array.from({ length: 256 }, (_, byte) => decodeA(byte)),
}

/** Bytes of G.711 as 16-bit samples. */
export function decodeG711(codec: Codec, bytes: Uint8Array): Int16Array {
  const table = decodeTable[codec]
  return Int16Array.from(bytes, (byte) => table[byte] ?? 0)
}

/** 16-bit samples as bytes of G.711. */
export function encodeG711(codec: Codec, pcm: Int16Array): Buffer {
  return Buffer.from(Uint8Array.from(pcm, codec === 'PCMU' ? encodeMu : encodeA))
}
