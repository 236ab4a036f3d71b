import { isIP } from 'node:net'
import { parse, type SessionDescription } from 'sdp-transform'
import { SdpError } from './error.js'

const LONGEST_SDP_CHARS = 16_384
const LONGEST_LINE_CHARS = 2048
const MOST_MEDIA = 16
const LARGEST_PORT = 65_535
const LARGEST_PAYLOAD_TYPE = 127

/** Which way audio flows, seen from the side that wrote it (RFC 3264 §5.1). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** One m= section, checked. */
export interface MediaSection {
  /** audio, video, application … */
  type: string
  /** 0 to 65535; 0 = refused or disabled. */
  port: number
  protocol: string
  /** The formats as written. */
  formats: string[]
  /** Formats as payload types, for RTP profiles; empty for others. */
  payloadTypes: number[]
  /** Literal address of the c= line that applies, or null where there is none. */
  address: string | null
  direction: Direction
  /** By payload type, names in upper case. */
  rtpmaps: Map<number, { name: string; clockHz: number; channels: number }>
  rtcpPort: number | null
  ptimeMs: number | null
  maxptimeMs: number | null
  hasCrypto: boolean
}

type ParsedMedia = SessionDescription['media'][number]

const MEDIA_LINE = /^m=([\w-]+) (\d{1,10})(?:\/(\d+))? ([\w/.-]+)((?: [^\s]+)+) *$/

/** Reads a session description strictly. Throws `SdpError` and nothing else. */
export function parseSession(text: string): MediaSection[] {
  if (text.trim() === '') throw new SdpError(400, 'empty session description')
  if (text.length > LONGEST_SDP_CHARS) throw new SdpError(400, 'session description too long')
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '')
  for (const line of lines) {
    if (!/^[a-z]=/.test(line)) throw new SdpError(400, 'a line is not of the form x=value')
    if (line.length > LONGEST_LINE_CHARS) throw new SdpError(400, 'line too long')
  }
  if (lines[0] !== 'v=0') throw new SdpError(400, 'session description must begin with v=0')
  const session = parseLines(text)
  if (!session.origin) throw new SdpError(400, 'o= line missing or malformed')
  const mediaLines = lines.filter((line) => line.startsWith('m='))
  if (mediaLines.length === 0) throw new SdpError(400, 'no m= line')
  if (mediaLines.length > MOST_MEDIA) throw new SdpError(488, 'too many m= lines')
  // The parser opens a section at every m= line, so both lists go in step.
  return mediaLines.map((line, index) => section(line, session.media[index] as ParsedMedia, session))
}

function parseLines(text: string): SessionDescription {
  try {
    return parse(text)
  } catch {
    throw new SdpError(400, 'session description cannot be read')
  }
}

function section(line: string, attributes: ParsedMedia, session: SessionDescription): MediaSection {
  const match = MEDIA_LINE.exec(line)
  if (!match) throw new SdpError(400, 'm= line malformed')
  const [, type = '', portText, count, protocol = '', formatText = ''] = match
  const port = Number(portText)
  if (port > LARGEST_PORT) throw new SdpError(400, `media port out of range: ${port}`)
  if (count !== undefined && count !== '1') throw new SdpError(488, 'several ports in one m= line')
  const formats = formatText.trim().split(/ +/)
  const connection = attributes.connection ?? session.connection
  return {
    type,
    port,
    protocol,
    formats,
    payloadTypes: protocol.includes('RTP/') ? formats.map(payloadType) : [],
    address: connection ? address(connection.ip, connection.version) : null,
    direction: attributes.direction ?? session.direction ?? 'sendrecv',
    rtpmaps: rtpmaps(attributes),
    rtcpPort: validPort(attributes.rtcp?.port),
    ptimeMs: positive(attributes.ptime),
    maxptimeMs: positive(attributes.maxptime),
    hasCrypto: (attributes.crypto?.length ?? 0) > 0,
  }
}

function payloadType(format: string): number {
  const number = /^\d{1,3}$/.test(format) ? Number(format) : Number.NaN
  if (!(number <= LARGEST_PAYLOAD_TYPE)) throw new SdpError(400, 'payload type out of range')
  return number
}

/** Unicast IP literals only: names would need DNS in the middle of a call's set-up. */
function address(text: unknown, version: unknown): string {
  const family = isIP(String(text))
  if (family === 0) throw new SdpError(488, 'connection address is not an IP address')
  if (Number(version) !== family) throw new SdpError(400, 'address family and connection address differ')
  const literal = String(text)
  const multicast = family === 4 ? Number(literal.split('.')[0]) >= 224 : /^ff/i.test(literal)
  if (multicast) throw new SdpError(488, 'connection address is not unicast')
  return literal
}

function rtpmaps(attributes: ParsedMedia): MediaSection['rtpmaps'] {
  const maps: MediaSection['rtpmaps'] = new Map()
  for (const { payload, codec, rate, encoding } of attributes.rtp) {
    maps.set(Number(payload), {
      name: String(codec).toUpperCase(),
      clockHz: Number(rate),
      channels: encoding === undefined ? 1 : Number(encoding),
    })
  }
  return maps
}

function validPort(port: unknown): number | null {
  return typeof port === 'number' && port >= 1 && port <= LARGEST_PORT ? port : null
}

function positive(value: unknown): number | null {
  const number = Number(value)
  return number > 0 && Number.isFinite(number) ? number : null
}
