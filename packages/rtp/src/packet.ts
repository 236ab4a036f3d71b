/** RTP packets, RFC 3550 §5.1. */

export const RTP_HEADER_BYTES = 12

/** An RTP packet. `payload` and the others are views of the datagram it was read from. */
export interface RtpPacket {
  /** 0 to 127. */
  payloadType: number
  marker: boolean
  /** 16 bits, wraps. */
  sequenceNumber: number
  /** 32 bits in units of the codec's clock, wraps. */
  timestamp: number
  ssrc: number
  csrcs: number[]
  extension: { profile: number; data: Uint8Array } | null
  payload: Uint8Array
  /** Octets of padding at the end, the count octet included; 0 for none. */
  paddingBytes: number
}

const NO_CSRCS: number[] = []

/** Reads a datagram. Anything that is not a well-formed RTP packet gives null; it never throws. */
export function parseRtp(bytes: Uint8Array): RtpPacket | null {
  const length = bytes.length
  if (length < RTP_HEADER_BYTES) return null
  const first = bytes[0] as number
  if (first >> 6 !== 2) return null
  const second = bytes[1] as number
  const csrcCount = first & 0x0f
  let at = RTP_HEADER_BYTES + 4 * csrcCount
  if (at > length) return null
  let csrcs = NO_CSRCS
  if (csrcCount > 0) csrcs = Array.from({ length: csrcCount }, (_, i) => uint32(bytes, RTP_HEADER_BYTES + 4 * i))
  let extension: RtpPacket['extension'] = null
  if (first & 0x10) {
    if (at + 4 > length) return null
    const end = at + 4 + 4 * uint16(bytes, at + 2)
    if (end > length) return null
    extension = { profile: uint16(bytes, at), data: bytes.subarray(at + 4, end) }
    at = end
  }
  let paddingBytes = 0
  if (first & 0x20) {
    paddingBytes = bytes[length - 1] as number
    if (paddingBytes === 0 || at + paddingBytes > length) return null
  }
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequenceNumber: uint16(bytes, 2),
    timestamp: uint32(bytes, 4),
    ssrc: uint32(bytes, 8),
    csrcs,
    extension,
    payload: bytes.subarray(at, length - paddingBytes),
    paddingBytes,
  }
}

/** Writes the fixed 12-octet header into `out` (no padding, extension or CSRCs): the hot path of sending. */
export function writeRtpHeader(
  out: Uint8Array,
  payloadType: number,
  marker: boolean,
  sequenceNumber: number,
  timestamp: number,
  ssrc: number,
): void {
  out[0] = 0x80
  out[1] = (marker ? 0x80 : 0) | payloadType
  out[2] = (sequenceNumber >> 8) & 0xff
  out[3] = sequenceNumber & 0xff
  putUint32(out, 4, timestamp)
  putUint32(out, 8, ssrc)
}

/** Writes a packet. `RangeError` for what the format cannot hold. */
export function serializeRtp(packet: RtpPacket): Uint8Array {
  const { csrcs, extension, payload, paddingBytes } = packet
  if (csrcs.length > 15) throw new RangeError('at most 15 CSRCs')
  if (packet.payloadType < 0 || packet.payloadType > 127) throw new RangeError('payload type is 0 to 127')
  if (paddingBytes < 0 || paddingBytes > 255) throw new RangeError('padding is 0 to 255 octets')
  if (extension && (extension.data.length % 4 !== 0 || extension.data.length > 4 * 0xffff)) {
    throw new RangeError('a header extension is whole 32-bit words')
  }
  const extensionBytes = extension ? 4 + extension.data.length : 0
  const body = RTP_HEADER_BYTES + 4 * csrcs.length + extensionBytes
  const out = new Uint8Array(body + payload.length + paddingBytes)
  writeRtpHeader(out, packet.payloadType, packet.marker, packet.sequenceNumber, packet.timestamp, packet.ssrc)
  out[0] = 0x80 | (paddingBytes > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | csrcs.length
  csrcs.forEach((csrc, i) => {
    putUint32(out, RTP_HEADER_BYTES + 4 * i, csrc)
  })
  if (extension) {
    const at = RTP_HEADER_BYTES + 4 * csrcs.length
    out[at] = extension.profile >> 8
    out[at + 1] = extension.profile & 0xff
    out[at + 2] = extension.data.length >> 10
    out[at + 3] = (extension.data.length >> 2) & 0xff
    out.set(extension.data, at + 4)
  }
  out.set(payload, body)
  if (paddingBytes > 0) out[out.length - 1] = paddingBytes
  return out
}

/** Whether a datagram on the RTP port is really RTCP (RFC 5761 §4: packet types 192 to 223). */
export function isRtcp(bytes: Uint8Array): boolean {
  const type = bytes[1] ?? 0
  return bytes.length >= 8 && (bytes[0] as number) >> 6 === 2 && type >= 192 && type <= 223
}

/** Signed distance from one 16-bit sequence number to another: positive when `to` is newer. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16
}

/** Signed distance from one 32-bit timestamp to another: positive when `to` is later. */
export function timestampDistance(from: number, to: number): number {
  return (to - from) | 0
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0
}

function putUint32(out: Uint8Array, at: number, value: number): void {
  out[at] = (value >>> 24) & 0xff
  out[at + 1] = (value >>> 16) & 0xff
  out[at + 2] = (value >>> 8) & 0xff
  out[at + 3] = value & 0xff
}
