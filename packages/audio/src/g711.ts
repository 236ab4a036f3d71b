/**
 * ITU-T G.711 µ-law and A-law by table: one look-up a sample in either direction.
 * PCM is 16-bit linear, mono, 8 kHz; one octet a sample on the wire.
 */

/** The two G.711 laws under their RTP encoding names (RFC 3551 §4.5.14). */
export type G711Codec = 'PCMU' | 'PCMA'

/** The octet that decodes to silence: µ-law +0, A-law +0. */
export const G711_SILENCE: Readonly<Record<G711Codec, number>> = { PCMU: 0xff, PCMA: 0xd5 }

const ULAW_BIAS = 0x84
const ULAW_CLIP = 32635

function ulawToLinear(octet: number): number {
  const bits = ~octet & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + ULAW_BIAS) << ((bits >> 4) & 0x07)) - ULAW_BIAS
  return bits & 0x80 ? -magnitude : magnitude
}

function linearToUlaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample), ULAW_CLIP) + ULAW_BIAS
  const segment = 31 - Math.clz32(magnitude) - 7
  return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff
}

function alawToLinear(octet: number): number {
  const bits = octet ^ 0x55
  const segment = (bits >> 4) & 0x07
  const mantissa = (bits & 0x0f) << 4
  const magnitude = segment === 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1)
  return bits & 0x80 ? magnitude : -magnitude
}

function linearToAlaw(sample: number): number {
  const mask = sample >= 0 ? 0xd5 : 0x55
  // Negative values round towards minus infinity, as in the recommendation's 13-bit tables.
  const magnitude = (sample >= 0 ? sample : -sample - 1) >> 3
  if (magnitude < 32) return (magnitude >> 1) ^ mask
  const segment = Math.min(31 - Math.clz32(magnitude) - 4, 7)
  return ((segment << 4) | ((magnitude >> segment) & 0x0f)) ^ mask
}

function decodeTable(toLinear: (octet: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, octet) => toLinear(octet))
}

function encodeTable(fromLinear: (sample: number) => number): Uint8Array {
  return Uint8Array.from({ length: 65536 }, (_, index) => fromLinear((index << 16) >> 16))
}

const DECODE: Readonly<Record<G711Codec, Int16Array>> = {
  PCMU: decodeTable(ulawToLinear),
  PCMA: decodeTable(alawToLinear),
}
const ENCODE: Readonly<Record<G711Codec, Uint8Array>> = {
  PCMU: encodeTable(linearToUlaw),
  PCMA: encodeTable(linearToAlaw),
}

/** Decodes G.711 octets to PCM. `out`, when given, is filled from its start and must hold `octets.length` samples. */
export function decodeG711(
  codec: G711Codec,
  octets: Uint8Array,
  out: Int16Array = new Int16Array(octets.length),
): Int16Array {
  const table = DECODE[codec]
  for (let i = 0; i < octets.length; i++) out[i] = table[octets[i] as number] as number
  return out
}

/** Encodes PCM to G.711 octets. `out`, when given, is filled from `offset` and must hold `pcm.length` more octets. */
export function encodeG711(
  codec: G711Codec,
  pcm: Int16Array,
  out: Uint8Array = new Uint8Array(pcm.length),
  offset = 0,
): Uint8Array {
  const table = ENCODE[codec]
  for (let i = 0; i < pcm.length; i++) out[offset + i] = table[(pcm[i] as number) & 0xffff] as number
  return out
}
