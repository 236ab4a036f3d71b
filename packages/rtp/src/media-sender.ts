import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:dgram'
import { encodeG711, G711_SILENCE, type G711Codec } from '@hotline/audio'
import { sendDatagram } from './datagram.js'
import { FRAME_SAMPLES } from './media-contract.js'
import { RTP_HEADER_BYTES, writeRtpHeader } from './packet.js'
import type { RtcpSent } from './rtcp-session.js'
import type { MediaAddress } from './source-gate.js'
import type { TelephoneEventPacket } from './telephone-event.js'

/** The sending half of a stream: one sequence of packets whose timestamps follow the ticks. */
export class MediaSender {
  readonly #socket: Socket
  readonly #ssrc: number
  readonly #timestampBase = randomBytes(4).readUInt32BE()
  #sequenceNumber = randomBytes(2).readUInt16BE()
  #talking = false
  #packets = 0
  #payloadBytes = 0

  constructor(socket: Socket, ssrc: number) {
    this.#socket = socket
    this.#ssrc = ssrc
  }

  get packets(): number {
    return this.#packets
  }

  /** RTP timestamp of a tick's first sample. */
  timestampOf(tick: number): number {
    return (this.#timestampBase + tick * FRAME_SAMPLES) >>> 0
  }

  /** What a sender report says at a time on the media clock. */
  counts(nowMs: number): RtcpSent {
    const rtpTimestamp = (this.#timestampBase + Math.round(nowMs * 8)) >>> 0
    return { packets: this.#packets, payloadBytes: this.#payloadBytes, rtpTimestamp }
  }

  /** Sends one frame, or a frame of silence; short frames end in silence, long ones are cut. */
  audio(tick: number, pcm: Int16Array | null, codec: G711Codec, payloadType: number, to: MediaAddress): void {
    // The marker tells the peer's jitter buffer that audio begins after a pause (RFC 3551 §4.1).
    const out = this.#open(payloadType, !this.#talking, this.timestampOf(tick), FRAME_SAMPLES)
    this.#talking = true
    if (!pcm || pcm.length < FRAME_SAMPLES) out.fill(G711_SILENCE[codec], RTP_HEADER_BYTES)
    if (pcm) encodeG711(codec, pcm.length > FRAME_SAMPLES ? pcm.subarray(0, FRAME_SAMPLES) : pcm, out, RTP_HEADER_BYTES)
    sendDatagram(this.#socket, out, to.address, to.port)
  }

  /** Sends one telephone-event packet. */
  event(packet: TelephoneEventPacket, payloadType: number, to: MediaAddress): void {
    const out = this.#open(payloadType, packet.marker, packet.timestamp, packet.payload.length)
    out.set(packet.payload, RTP_HEADER_BYTES)
    sendDatagram(this.#socket, out, to.address, to.port)
  }

  /** Audio rests: the next audio packet carries the marker. */
  pause(): void {
    this.#talking = false
  }

  #open(payloadType: number, marker: boolean, timestamp: number, payloadBytes: number): Buffer {
    const out = Buffer.allocUnsafe(RTP_HEADER_BYTES + payloadBytes)
    writeRtpHeader(out, payloadType, marker, this.#sequenceNumber, timestamp, this.#ssrc)
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff
    this.#packets++
    this.#payloadBytes += payloadBytes
    return out
  }
}
