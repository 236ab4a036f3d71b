import { randomUUID } from 'node:crypto'
import type { Reception } from './reception.js'
import { compactNtp, ntpOfUnixMs, parseRtcp, type ReportBlock, serializeRtcp } from './rtcp.js'

/** Mean interval between reports (RFC 3550 §6.2), drawn anew from half to one and a half times this. */
const INTERVAL_MS = 5000
/** A round trip longer than this is a peer's mistake. */
const LONGEST_RTT_MS = 30_000

/** What the sender has sent so far. */
export interface RtcpSent {
  packets: number
  payloadBytes: number
  /** RTP timestamp that belongs to now. */
  rtpTimestamp: number
}

/** What has been heard of the peer. */
export interface RtcpHeard {
  /** The peer's SSRC, or null before its first packet. */
  ssrc: number | null
  reception: Reception
}

/** One call's RTCP: what to report when, and what the peer's reports say. Times are wall-clock Unix ms. */
export class RtcpSession {
  readonly #ssrc: number
  readonly #cname = randomUUID()
  readonly #random: () => number
  #nextMs = Number.NaN
  #lastSr = 0
  #lastSrHeardMs = 0
  #packetsReported = 0
  #rttMs: number | null = null
  #remoteLost: number | null = null
  #left = false

  constructor(ssrc: number, random: () => number = Math.random) {
    this.#ssrc = ssrc
    this.#random = random
  }

  /** Round trip to the peer by its last report, ms. */
  get rttMs(): number | null {
    return this.#rttMs
  }

  /** Packets of ours that the peer says it lost. */
  get remoteLost(): number | null {
    return this.#remoteLost
  }

  /** Whether the peer said BYE on RTCP; the call's end is signalled by SIP all the same. */
  get peerLeft(): boolean {
    return this.#left
  }

  /** Takes a datagram from the peer; false when it is malformed. */
  receive(bytes: Uint8Array, unixMs: number): boolean {
    const packets = parseRtcp(bytes)
    if (!packets) return false
    for (const packet of packets) {
      if (packet.type === 'sr') {
        this.#lastSr = compactNtp(packet.ntp)
        this.#lastSrHeardMs = unixMs
      }
      if (packet.type === 'sr' || packet.type === 'rr') {
        for (const report of packet.reports) if (report.ssrc === this.#ssrc) this.#learn(report, unixMs)
      }
      if (packet.type === 'bye') this.#left = true
    }
    return true
  }

  /** Whether a report is due; the first one comes after half an interval. */
  due(unixMs: number): boolean {
    if (Number.isNaN(this.#nextMs)) this.#nextMs = unixMs + (INTERVAL_MS / 2) * (0.5 + this.#random())
    return unixMs >= this.#nextMs
  }

  /** A compound report: SR where something was sent since the last one, else RR; with CNAME. */
  report(unixMs: number, sent: RtcpSent, heard: RtcpHeard): Uint8Array {
    this.#nextMs = unixMs + INTERVAL_MS * (0.5 + this.#random())
    const own = this.#ownReport(unixMs, sent, heard)
    return serializeRtcp([own, { type: 'sdes', chunks: [{ ssrc: this.#ssrc, cname: this.#cname }] }])
  }

  /** The last compound packet: report, CNAME and BYE (§6.6). */
  goodbye(unixMs: number, sent: RtcpSent, heard: RtcpHeard): Uint8Array {
    return Buffer.concat([
      this.report(unixMs, sent, heard),
      serializeRtcp([{ type: 'bye', ssrcs: [this.#ssrc], reason: null }]),
    ])
  }

  #ownReport(unixMs: number, sent: RtcpSent, { ssrc, reception }: RtcpHeard) {
    const reports: ReportBlock[] = []
    if (ssrc !== null && reception.received > 0) {
      reports.push({
        ssrc,
        fractionLost: reception.takeFractionLost(),
        cumulativeLost: reception.lost,
        highestSequence: reception.highestSequence,
        jitter: reception.jitter,
        lastSr: this.#lastSr,
        delaySinceLastSr: this.#lastSr === 0 ? 0 : Math.round(((unixMs - this.#lastSrHeardMs) * 65536) / 1000),
      })
    }
    if (sent.packets === this.#packetsReported) return { type: 'rr', ssrc: this.#ssrc, reports } as const
    this.#packetsReported = sent.packets
    return {
      type: 'sr',
      ssrc: this.#ssrc,
      ntp: ntpOfUnixMs(unixMs),
      rtpTimestamp: sent.rtpTimestamp,
      packetCount: sent.packets,
      octetCount: sent.payloadBytes,
      reports,
    } as const
  }

  #learn(report: ReportBlock, unixMs: number): void {
    this.#remoteLost = report.cumulativeLost
    if (report.lastSr === 0) return
    // §6.4.1: the time now, less when our SR left, less how long the peer kept it.
    const ticks = (compactNtp(ntpOfUnixMs(unixMs)) - report.lastSr - report.delaySinceLastSr) | 0
    const rttMs = (ticks * 1000) / 65536
    if (rttMs > -5 && rttMs < LONGEST_RTT_MS) this.#rttMs = Math.max(0, rttMs)
  }
}
