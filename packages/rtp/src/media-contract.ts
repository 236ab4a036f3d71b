import { isIP } from 'node:net'
import type { G711Codec } from '@hotline/audio'
import type { FrameKind } from './jitter-buffer.js'
import type { Pacer } from './pacer.js'
import type { PortPair } from './port-pool.js'
import type { MediaAddress } from './source-gate.js'

/** Samples of a frame: 20 ms at 8 kHz. */
export const FRAME_SAMPLES = 160

/** Which way audio flows, seen from this side (RFC 3264 §5.1). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** Where the peer wants its media. RTCP goes to the next port unless it says otherwise. */
export interface RemoteMedia extends MediaAddress {
  rtcpPort?: number
}

/** The part of a pino logger that is used. */
export interface RtpLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** How a call's audio is coded, as SDP settled it. */
export interface MediaFormat {
  codec: G711Codec
  payloadType: number
  /** Payload type of telephone-event, or null where the peer has none. */
  dtmfPayloadType: number | null
}

export interface RtpStreamOptions extends MediaFormat {
  /** Bound sockets; the stream releases them when it closes. */
  ports: PortPair
  pacer: Pacer
  /** Null: unknown yet (late offer); the first source that sends is taken. */
  remote: RemoteMedia | null
  direction: MediaDirection
  ssrc?: number
  /** No media at all since the start: `timeout`. Default 30000. */
  firstMediaTimeoutMs?: number
  /** No media since the last packet: `timeout`. Default 15000. */
  mediaTimeoutMs?: number
  log: RtpLog
}

/** What a re-INVITE may change. */
export interface RtpStreamUpdate extends Partial<MediaFormat> {
  /** Null (hold by 0.0.0.0) leaves the address as it is. */
  remote?: RemoteMedia | null
  direction?: MediaDirection
}

/** Twenty milliseconds from the caller. */
export interface ReceivedFrame {
  /** 160 samples, 8 kHz; the receiver may keep and change it. */
  pcm: Int16Array
  tick: number
  kind: FrameKind
  /**
   * Media-clock ms at which the frame's first sample arrived, long delays of single packets taken out; the jitter
   * buffer's delay is `tick * 20 - arrivalMs`. Negative for what came before tick 0.
   */
  arrivalMs: number
}

export interface RtpStreamEvents {
  /** Once a tick from the first tick on, always: silence is made up in gaps. */
  frame: [frame: ReceivedFrame]
  dtmf: [digit: string, press: { durationMs: number }]
  /** No media for too long; once. */
  timeout: []
  /** Media is taken from, and sent to, this address from now on. */
  latched: [address: string, port: number]
}

export interface RtpStreamStats {
  packetsSent: number
  packetsReceived: number
  /** Packets of the current source that never came (RFC 3550 A.3). */
  lost: number
  late: number
  /** Frames with made-up audio. */
  concealed: number
  duplicates: number
  /** Datagrams that were not RTP of this call: malformed, unknown payload type, foreign source. */
  rejected: number
  jitterMs: number
  /** Between a packet's arrival and its playout. */
  playoutDelayMs: number
  rttMs: number | null
}

/** The peer did not offer telephone-event, so digits cannot be sent. */
export class DtmfNotNegotiatedError extends Error {
  override name = 'DtmfNotNegotiatedError'
  readonly code = 'dtmf_not_negotiated'
}

/** Throws `RangeError` for what a socket could not send to. */
export function checkRemote(remote: RemoteMedia): void {
  if (isIP(remote.address) === 0) throw new RangeError(`media address must be an IP address: ${remote.address}`)
  for (const port of [remote.port, remote.rtcpPort ?? 1]) {
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError(`media port out of range: ${port}`)
  }
}
