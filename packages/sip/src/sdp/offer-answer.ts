import { isIP, isIPv6 } from 'node:net'
import { type MediaDescription, type SessionDescription, write } from 'sdp-transform'
import { SdpError } from './error.js'
import { type Direction, type MediaSection, parseSession } from './session.js'

/** G.711 under its RTP names. */
export type SdpCodec = 'PCMU' | 'PCMA'

const STATIC_PAYLOAD_TYPES: Readonly<Record<SdpCodec, number>> = { PCMU: 0, PCMA: 8 }
const CLOCK_HZ = 8000
const PTIME_MS = 20
const DTMF_PAYLOAD_TYPE = 101
const DTMF_EVENTS = '0-15'
const PROFILES = ['RTP/AVP', 'RTP/AVPF']

/** This side's end of the media. */
export interface LocalMedia {
  /** IP literal that the peer should send to. */
  address: string
  rtpPort: number
  rtcpPort: number
  /** Numbers of the o= line: the same id for the whole dialog, a version that grows with every change. */
  sessionId: number
  version: number
  /** What this side can do; of an offer's formats the first of these is taken, in the offer's order. */
  codecs: readonly SdpCodec[]
  /** What this side wants; default sendrecv. */
  direction?: Direction
}

/** What both sides agreed on. */
export interface NegotiatedMedia {
  codec: SdpCodec
  payloadType: number
  /** Payload type of telephone-event at 8 kHz, or null where the peer has none. */
  dtmfPayloadType: number | null
  /** Where the peer wants media; null when it wants none anywhere (0.0.0.0, the old way to hold). */
  remote: { address: string; port: number; rtcpPort: number } | null
  /** Seen from this side. */
  direction: Direction
  /** The peer has put the call on hold: it does not want to hear us. */
  held: boolean
  /** Packet length this side sends. */
  ptimeMs: number
}

/** An answer to send and what it settles. */
export interface Answer {
  sdp: string
  media: NegotiatedMedia
}

/**
 * Answers an offer (RFC 3264 §6): the first usable audio section is accepted with one G.711 codec and
 * telephone-event under the offer's own payload types, every other section is refused with port 0.
 * Throws `SdpError`.
 */
export function answerOffer(offer: string, local: LocalMedia): Answer {
  const sections = parseSession(offer)
  let accepted: { index: number; media: NegotiatedMedia } | undefined
  let reason = 'no audio section'
  sections.forEach((section, index) => {
    if (accepted || section.type !== 'audio') return
    if (section.port === 0) {
      reason = 'the audio section is disabled (port 0)'
      return
    }
    const media = negotiate(section, local)
    if (typeof media === 'string') reason = media
    else accepted = { index, media }
  })
  if (!accepted) throw new SdpError(488, reason)
  const { index, media } = accepted
  const description = sessionDescription(local)
  description.media = sections.map((section, at) =>
    at === index
      ? audioSection(local, section.protocol, [media], media.dtmfPayloadType, media.direction)
      : refused(section),
  )
  return { sdp: write(description), media }
}

/** An offer of every local codec and telephone-event: for outgoing calls, and for INVITEs without one (late offer). */
export function createOffer(local: LocalMedia): string {
  const description = sessionDescription(local)
  const formats = local.codecs.map((codec) => ({ codec, payloadType: STATIC_PAYLOAD_TYPES[codec] }))
  const direction = local.direction ?? 'sendrecv'
  description.media = [audioSection(local, 'RTP/AVP', formats, DTMF_PAYLOAD_TYPE, direction)]
  return write(description)
}

/** Takes the answer to an offer made by `createOffer`. Throws `SdpError` where it refuses or does not fit. */
export function acceptAnswer(answer: string, local: LocalMedia): NegotiatedMedia {
  const [section, ...others] = parseSession(answer)
  // An answer has the offer's sections, in order (§6).
  if (!section || others.length > 0 || section.type !== 'audio') {
    throw new SdpError(488, 'the answer does not have the sections of the offer')
  }
  if (section.port === 0) throw new SdpError(488, 'the peer refused the audio section')
  const media = negotiate(section, local)
  if (typeof media === 'string') throw new SdpError(488, media)
  return media
}

/** Settles one audio section, or says why it cannot be used. */
function negotiate(section: MediaSection, local: LocalMedia): NegotiatedMedia | string {
  if (!PROFILES.includes(section.protocol)) {
    if (section.protocol.includes('SAVP')) {
      return section.hasCrypto ? 'encrypted media is not supported' : 'encrypted media offered without a key'
    }
    return `transport ${section.protocol} is not supported`
  }
  if (section.address === null) throw new SdpError(400, 'no c= line applies to the audio section')
  const disabled = isUnspecified(section.address)
  if (!disabled && isIP(section.address) !== isIP(local.address)) return 'the address family is not supported'
  if (section.maxptimeMs !== null && section.maxptimeMs < PTIME_MS) return 'packets of 20 ms are not accepted'
  const chosen = chooseCodec(section, local.codecs)
  if (!chosen) return 'no common codec'
  const canSend = !disabled && receives(section.direction) && sends(local.direction ?? 'sendrecv')
  const canReceive = sends(section.direction) && receives(local.direction ?? 'sendrecv')
  const { address, port } = section
  return {
    ...chosen,
    dtmfPayloadType: findPayloadType(section, 'TELEPHONE-EVENT'),
    remote: disabled ? null : { address, port, rtcpPort: section.rtcpPort ?? Math.min(port + 1, 65_535) },
    direction: canSend ? (canReceive ? 'sendrecv' : 'sendonly') : canReceive ? 'recvonly' : 'inactive',
    held: disabled || !receives(section.direction),
    ptimeMs: PTIME_MS,
  }
}

function sends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly'
}

function receives(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly'
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || /^[0:]+$/.test(address)
}

function chooseCodec(section: MediaSection, codecs: readonly SdpCodec[]) {
  for (const payloadType of section.payloadTypes) {
    for (const codec of codecs) if (isFormat(section, payloadType, codec)) return { codec, payloadType }
  }
  return null
}

function findPayloadType(section: MediaSection, name: string): number | null {
  return section.payloadTypes.find((payloadType) => isFormat(section, payloadType, name)) ?? null
}

/** An rtpmap decides; without one, the static payload types of RFC 3551 hold. */
function isFormat(section: MediaSection, payloadType: number, name: string): boolean {
  const map = section.rtpmaps.get(payloadType)
  if (map) return map.name === name && map.clockHz === CLOCK_HZ && map.channels === 1
  return (STATIC_PAYLOAD_TYPES as Record<string, number>)[name] === payloadType
}

function sessionDescription(local: LocalMedia): SessionDescription {
  if (isIP(local.address) === 0) throw new RangeError(`local media address must be an IP address: ${local.address}`)
  const ipVer = isIPv6(local.address) ? 6 : 4
  return {
    version: 0,
    origin: {
      username: '-',
      sessionId: String(local.sessionId),
      sessionVersion: local.version,
      netType: 'IN',
      ipVer,
      address: local.address,
    },
    name: '-',
    connection: { version: ipVer, ip: local.address },
    timing: { start: 0, stop: 0 },
    media: [],
  }
}

function audioSection(
  local: LocalMedia,
  protocol: string,
  formats: readonly { codec: SdpCodec; payloadType: number }[],
  dtmfPayloadType: number | null,
  direction: Direction,
): MediaDescription & SessionDescription['media'][number] {
  const rtp = formats.map(({ codec, payloadType }) => ({ payload: payloadType, codec, rate: CLOCK_HZ }))
  const fmtp: { payload: number; config: string }[] = []
  if (dtmfPayloadType !== null) {
    rtp.push({ payload: dtmfPayloadType, codec: 'telephone-event' as SdpCodec, rate: CLOCK_HZ })
    fmtp.push({ payload: dtmfPayloadType, config: DTMF_EVENTS })
  }
  return {
    type: 'audio',
    port: local.rtpPort,
    protocol,
    payloads: rtp.map(({ payload }) => payload).join(' '),
    rtp,
    fmtp,
    ptime: PTIME_MS,
    direction,
    ...(local.rtcpPort === local.rtpPort + 1 ? {} : { rtcp: { port: local.rtcpPort } }),
  }
}

/** A section refused: port 0, the rest as offered (RFC 3264 §6). */
function refused(section: MediaSection): SessionDescription['media'][number] {
  const { type, protocol, formats } = section
  return { type, port: 0, protocol, payloads: formats.join(' '), rtp: [], fmtp: [] }
}
