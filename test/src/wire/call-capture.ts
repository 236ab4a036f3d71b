import type { CapturedDatagram } from './pcap.js'
import { parseRtp } from './rtp-packet.js'
import { rtpTimeline, segments, type TimelinePacket } from './rtp-timeline.js'
import { AGENT_JOIN_MS, CALLER_JOIN_MS, type WireTurn, wireTurns } from './turns.js'

/** One call's media as a capture shows it, both directions on the kernel's clock. */
export interface CapturedCall {
  /** The platform's RTP port. */
  port: number
  caller: TimelinePacket[]
  agent: TimelinePacket[]
}

/** The calls in a capture, in order of their first packets, told apart by the platform's ports. */
export function capturedCalls(datagrams: CapturedDatagram[], ports: { min: number; max: number }): CapturedCall[] {
  const ours = (port: number) => port >= ports.min && port <= ports.max
  const rtp = datagrams.filter(({ bytes }) => parseRtp(bytes) !== null)
  const found = new Set<number>()
  for (const { sourcePort, destinationPort } of rtp) {
    if (ours(destinationPort)) found.add(destinationPort)
    else if (ours(sourcePort)) found.add(sourcePort)
  }
  return [...found].map((port) => ({
    port,
    caller: rtpTimeline(rtp.filter(({ destinationPort }) => destinationPort === port)),
    agent: rtpTimeline(rtp.filter(({ sourcePort }) => sourcePort === port)),
  }))
}

/** The answers in one captured call. */
export function capturedTurns({ caller, agent }: CapturedCall): WireTurn[] {
  return wireTurns(segments(caller, CALLER_JOIN_MS), segments(agent, AGENT_JOIN_MS))
}
