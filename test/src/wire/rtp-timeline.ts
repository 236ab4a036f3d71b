import { type Codec, decodeG711, PAYLOAD_TYPE } from './g711.js'
import { audibleSpan } from './level.js'
import { parseRtp } from './rtp-packet.js'

/** One datagram as an observer saw it; `atMs` on the observer's clock. */
export interface SeenDatagram {
  atMs: number
  bytes: Buffer
}

/** One G.711 packet on the timeline, in order of sequence numbers. */
export interface TimelinePacket {
  atMs: number
  /** Sequence number and timestamp without their wraps, counted from the stream's first packet. */
  sequence: number
  timestamp: number
  ssrc: number
  pcm: Int16Array
}

/** A stretch of sound; a sample's time is the arrival of its packet plus its offset in the packet. */
export interface Segment {
  startMs: number
  endMs: number
}

export const RATE_HZ = 8000
const WINDOW_SAMPLES = RATE_HZ / 100

/** The G.711 packets of one direction, decoded, duplicates gone, in order of sequence numbers. */
export function rtpTimeline(datagrams: SeenDatagram[]): TimelinePacket[] {
  const packets: TimelinePacket[] = []
  const seen = new Set<string>()
  let ssrc: number | undefined
  let sequence = 0
  let timestamp = 0
  for (const { atMs, bytes } of datagrams) {
    const packet = parseRtp(bytes)
    const codec = packet && codecOf(packet.payloadType)
    if (!packet || !codec) continue
    if (ssrc === undefined || packet.ssrc === ssrc) {
      sequence = packets.length === 0 ? packet.sequence : sequence + wrapped(packet.sequence - sequence, 16)
      timestamp = packets.length === 0 ? packet.timestamp : timestamp + wrapped(packet.timestamp - timestamp, 32)
    } else {
      // A new source: it goes on where the old one ended.
      sequence = (Math.floor(sequence / 65_536) + 2) * 65_536 + packet.sequence
      timestamp += 160 + wrapped(packet.timestamp - timestamp - 160, 32)
    }
    ssrc = packet.ssrc
    const key = `${ssrc}/${sequence}`
    if (seen.has(key)) continue
    seen.add(key)
    packets.push({ atMs, sequence, timestamp, ssrc, pcm: decodeG711(codec, packet.payload) })
  }
  return packets.sort((one, other) => one.sequence - other.sequence)
}

/** Stretches of sound of at least 10 ms; pauses up to `joinMs` do not end one. */
export function segments(packets: TimelinePacket[], joinMs: number): Segment[] {
  const found: Segment[] = []
  for (const { atMs, pcm } of packets) {
    for (let at = 0; at + WINDOW_SAMPLES <= pcm.length; at += WINDOW_SAMPLES) {
      const span = audibleSpan(pcm.subarray(at, at + WINDOW_SAMPLES))
      if (!span) continue
      const startMs = atMs + ((at + span.first) * 1000) / RATE_HZ
      const endMs = atMs + ((at + span.last + 1) * 1000) / RATE_HZ
      const last = found.at(-1)
      if (last && startMs - last.endMs <= joinMs) last.endMs = Math.max(last.endMs, endMs)
      else found.push({ startMs, endMs })
    }
  }
  return found
}

/** The sound between two times, laid out by RTP timestamps: what a perfect receiver hears. 8 kHz. */
export function heardPcm(packets: TimelinePacket[], fromMs = -Infinity, toMs = Infinity): Int16Array {
  const wanted = packets.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
  const first = wanted[0]
  if (!first) return new Int16Array(0)
  const base = Math.min(...wanted.map(({ timestamp }) => timestamp))
  const end = Math.max(...wanted.map(({ timestamp, pcm }) => timestamp + pcm.length))
  const pcm = new Int16Array(Math.min(end - base, RATE_HZ * 3600))
  for (const packet of wanted) {
    if (packet.timestamp - base + packet.pcm.length <= pcm.length) pcm.set(packet.pcm, packet.timestamp - base)
  }
  return pcm
}

/** The sound laid out by arrival, silence where nothing came: sample n is at `fromMs` + n/8 ms. 8 kHz. */
export function arrivedPcm(packets: TimelinePacket[], fromMs: number, toMs: number): Int16Array {
  const pcm = new Int16Array(Math.ceil(((toMs - fromMs) * RATE_HZ) / 1000))
  for (const packet of packets) {
    const at = Math.round(((packet.atMs - fromMs) * RATE_HZ) / 1000)
    if (at >= 0 && at + packet.pcm.length <= pcm.length) pcm.set(packet.pcm, at)
  }
  return pcm
}

function codecOf(payloadType: number): Codec | null {
  if (payloadType === PAYLOAD_TYPE.PCMU) return 'PCMU'
  return payloadType === PAYLOAD_TYPE.PCMA ? 'PCMA' : null
}

/** A difference of counters of so many bits, as the nearest signed step. */
function wrapped(difference: number, bits: number): number {
  const range = 2 ** bits
  const step = ((difference % range) + range) % range
  return step >= range / 2 ? step - range : step
}
