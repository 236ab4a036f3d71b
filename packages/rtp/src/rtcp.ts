/** RTCP packets: SR, RR, SDES, BYE (RFC 3550 §6). */

const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const SOURCE_DESCRIPTION = 202
const GOODBYE = 203
const SDES_CNAME = 1
const LARGEST_DATAGRAM_BYTES = 8192

/** One reception report block, §6.4.1. */
export interface ReportBlock {
  ssrc: number
  /** 256ths. */
  fractionLost: number
  /** Signed 24 bits. */
  cumulativeLost: number
  highestSequence: number
  /** Timestamp units. */
  jitter: number
  /** Middle 32 bits of the NTP time of the last SR; 0 for none. */
  lastSr: number
  /** Since the last SR was received, 1/65536 s. */
  delaySinceLastSr: number
}

/** A timestamp of NTP's: seconds since 1900 and 2^-32 fractions. */
export interface NtpTime {
  seconds: number
  fraction: number
}

export type RtcpPacket =
  | {
      type: 'sr'
      ssrc: number
      ntp: NtpTime
      rtpTimestamp: number
      packetCount: number
      octetCount: number
      reports: ReportBlock[]
    }
  | { type: 'rr'; ssrc: number; reports: ReportBlock[] }
  | { type: 'sdes'; chunks: { ssrc: number; cname: string | null }[] }
  | { type: 'bye'; ssrcs: number[]; reason: string | null }
  /** Well-formed, of a kind not used here (APP, XR, feedback). */
  | { type: 'other'; packetType: number }

/** Seconds between the epochs of NTP (1900) and Unix (1970). */
const NTP_UNIX_OFFSET_S = 2_208_988_800

/** NTP time of a Unix time in ms. */
export function ntpOfUnixMs(unixMs: number): NtpTime {
  const seconds = Math.floor(unixMs / 1000)
  return {
    seconds: (seconds + NTP_UNIX_OFFSET_S) >>> 0,
    fraction: Math.floor((unixMs / 1000 - seconds) * 0x100000000) >>> 0,
  }
}

/** Middle 32 bits of an NTP time, 1/65536 s: what LSR carries. */
export function compactNtp({ seconds, fraction }: NtpTime): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0
}

/** Reads a compound packet. Anything malformed gives null; it never throws. */
export function parseRtcp(bytes: Uint8Array): RtcpPacket[] | null {
  if (bytes.length < 8 || bytes.length > LARGEST_DATAGRAM_BYTES || bytes.length % 4 !== 0) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const packets: RtcpPacket[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return null
    const first = view.getUint8(at)
    let end = at + 4 + 4 * view.getUint16(at + 2)
    if (first >> 6 !== 2 || end > bytes.length) return null
    const next = end
    if (first & 0x20) {
      const padding = view.getUint8(end - 1)
      if (padding === 0 || padding % 4 !== 0 || end - padding < at + 4) return null
      end -= padding
    }
    const packet = parseOne(view, at, end, first & 0x1f, view.getUint8(at + 1))
    if (!packet) return null
    packets.push(packet)
    at = next
  }
  return packets
}

function parseOne(view: DataView, at: number, end: number, count: number, packetType: number): RtcpPacket | null {
  const body = at + 4
  switch (packetType) {
    case SENDER_REPORT: {
      if (body + 24 > end) return null
      const reports = parseReports(view, body + 24, end, count)
      if (!reports) return null
      return {
        type: 'sr',
        ssrc: view.getUint32(body),
        ntp: { seconds: view.getUint32(body + 4), fraction: view.getUint32(body + 8) },
        rtpTimestamp: view.getUint32(body + 12),
        packetCount: view.getUint32(body + 16),
        octetCount: view.getUint32(body + 20),
        reports,
      }
    }
    case RECEIVER_REPORT: {
      if (body + 4 > end) return null
      const reports = parseReports(view, body + 4, end, count)
      return reports && { type: 'rr', ssrc: view.getUint32(body), reports }
    }
    case SOURCE_DESCRIPTION:
      return parseDescription(view, body, end, count)
    case GOODBYE:
      return parseGoodbye(view, body, end, count)
    default:
      return { type: 'other', packetType }
  }
}

function parseReports(view: DataView, start: number, end: number, count: number): ReportBlock[] | null {
  if (start + 24 * count > end) return null
  return Array.from({ length: count }, (_, i) => {
    const at = start + 24 * i
    return {
      ssrc: view.getUint32(at),
      fractionLost: view.getUint8(at + 4),
      cumulativeLost: (view.getUint32(at + 4) << 8) >> 8,
      highestSequence: view.getUint32(at + 8),
      jitter: view.getUint32(at + 12),
      lastSr: view.getUint32(at + 16),
      delaySinceLastSr: view.getUint32(at + 20),
    }
  })
}

function parseDescription(view: DataView, body: number, end: number, count: number): RtcpPacket | null {
  const chunks: { ssrc: number; cname: string | null }[] = []
  let at = body
  for (let i = 0; i < count; i++) {
    if (at + 4 > end) return null
    const chunk = { ssrc: view.getUint32(at), cname: null as string | null }
    at += 4
    for (;;) {
      if (at >= end) return null
      const item = view.getUint8(at)
      if (item === 0) break
      if (at + 2 > end) return null
      const length = view.getUint8(at + 1)
      if (at + 2 + length > end) return null
      if (item === SDES_CNAME) chunk.cname = textAt(view, at + 2, length)
      at += 2 + length
    }
    // Items end with null octets up to the next word, counted from the packet's start.
    at += 4 - ((at - body) % 4)
    chunks.push(chunk)
  }
  return { type: 'sdes', chunks }
}

function parseGoodbye(view: DataView, body: number, end: number, count: number): RtcpPacket | null {
  if (body + 4 * count > end) return null
  const ssrcs = Array.from({ length: count }, (_, i) => view.getUint32(body + 4 * i))
  const at = body + 4 * count
  if (at >= end) return { type: 'bye', ssrcs, reason: null }
  const length = view.getUint8(at)
  if (at + 1 + length > end) return null
  return { type: 'bye', ssrcs, reason: textAt(view, at + 1, length) }
}

function textAt(view: DataView, at: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, length).toString('utf8')
}

/** Writes a compound packet; `other` packets cannot be written. */
export function serializeRtcp(packets: readonly Exclude<RtcpPacket, { type: 'other' }>[]): Uint8Array {
  return Buffer.concat(packets.map(serializeOne))
}

function serializeOne(packet: Exclude<RtcpPacket, { type: 'other' }>): Uint8Array {
  switch (packet.type) {
    case 'sr': {
      const out = open(SENDER_REPORT, packet.reports.length, 24 + 24 * packet.reports.length)
      out.writeUInt32BE(packet.ssrc, 4)
      out.writeUInt32BE(packet.ntp.seconds, 8)
      out.writeUInt32BE(packet.ntp.fraction, 12)
      out.writeUInt32BE(packet.rtpTimestamp >>> 0, 16)
      out.writeUInt32BE(packet.packetCount >>> 0, 20)
      out.writeUInt32BE(packet.octetCount >>> 0, 24)
      writeReports(out, 28, packet.reports)
      return out
    }
    case 'rr': {
      const out = open(RECEIVER_REPORT, packet.reports.length, 4 + 24 * packet.reports.length)
      out.writeUInt32BE(packet.ssrc, 4)
      writeReports(out, 8, packet.reports)
      return out
    }
    case 'sdes': {
      const bodies = packet.chunks.map(({ ssrc, cname }) => {
        const text = Buffer.from(cname ?? '').subarray(0, 255)
        const bytes = cname === null ? 4 : 6 + text.length
        // At least one null octet ends the list of items.
        const chunk = Buffer.alloc(4 * (Math.floor(bytes / 4) + 1))
        chunk.writeUInt32BE(ssrc, 0)
        if (cname !== null) {
          chunk[4] = SDES_CNAME
          chunk[5] = text.length
          text.copy(chunk, 6)
        }
        return chunk
      })
      const body = Buffer.concat(bodies)
      const out = open(SOURCE_DESCRIPTION, packet.chunks.length, body.length)
      body.copy(out, 4)
      return out
    }
    case 'bye': {
      const reason = packet.reason === null ? null : Buffer.from(packet.reason).subarray(0, 255)
      const bytes = 4 * packet.ssrcs.length + (reason ? 4 * Math.ceil((1 + reason.length) / 4) : 0)
      const out = open(GOODBYE, packet.ssrcs.length, bytes)
      packet.ssrcs.forEach((ssrc, i) => {
        out.writeUInt32BE(ssrc, 4 + 4 * i)
      })
      if (reason) {
        out[4 + 4 * packet.ssrcs.length] = reason.length
        reason.copy(out, 5 + 4 * packet.ssrcs.length)
      }
      return out
    }
  }
}

function open(packetType: number, count: number, bodyBytes: number): Buffer {
  if (count > 31) throw new RangeError('an RTCP packet holds at most 31 blocks')
  const out = Buffer.alloc(4 + bodyBytes)
  out[0] = 0x80 | count
  out[1] = packetType
  out.writeUInt16BE(bodyBytes / 4, 2)
  return out
}

function writeReports(out: Buffer, start: number, reports: readonly ReportBlock[]): void {
  reports.forEach((report, i) => {
    const at = start + 24 * i
    out.writeUInt32BE(report.ssrc, at)
    const lost = Math.max(-0x800000, Math.min(0x7fffff, report.cumulativeLost))
    out.writeUInt32BE((((report.fractionLost & 0xff) << 24) | (lost & 0xffffff)) >>> 0, at + 4)
    out.writeUInt32BE(report.highestSequence >>> 0, at + 8)
    out.writeUInt32BE(Math.floor(report.jitter) >>> 0, at + 12)
    out.writeUInt32BE(report.lastSr >>> 0, at + 16)
    out.writeUInt32BE(report.delaySinceLastSr >>> 0, at + 20)
  })
}
