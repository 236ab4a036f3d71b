/** One UDP datagram of a capture. */
export interface CapturedDatagram {
  /** Kernel's time stamp, Unix ms. */
  atMs: number
  sourcePort: number
  destinationPort: number
  bytes: Buffer
}

/** Bytes in front of the IP header, by the link types that tcpdump writes. */
const LINK_HEADER_BYTES: Record<number, number> = { 0: 4, 1: 14, 101: 0, 113: 16, 276: 20 }

/**
 * The IPv4 UDP datagrams of a classic pcap file (microseconds or nanoseconds, either byte order), unfragmented ones
 * only. A record that is cut short, as the last one of a running capture may be, ends the list. Throws on other files.
 */
export function readPcap(file: Buffer): CapturedDatagram[] {
  if (file.length < 24) throw new Error('not a pcap file: shorter than its header')
  const magic = file.readUInt32LE(0)
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d
  const word = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at))
  if (word(0) !== 0xa1b2c3d4 && word(0) !== 0xa1b23c4d) throw new Error('not a pcap file')
  const fractionsPerMs = word(0) === 0xa1b23c4d ? 1e6 : 1e3
  const linkType = word(20) & 0x0fffffff
  const headerBytes = LINK_HEADER_BYTES[linkType]
  if (headerBytes === undefined) throw new Error(`pcap link type ${linkType} is not known here`)
  const datagrams: CapturedDatagram[] = []
  for (let at = 24; at + 16 <= file.length; ) {
    const size = word(at + 8)
    const atMs = word(at) * 1000 + word(at + 4) / fractionsPerMs
    const frame = file.subarray(at + 16, at + 16 + size)
    if (frame.length < size) break
    const udp = udpOf(frame.subarray(headerBytes))
    if (udp) datagrams.push({ atMs, ...udp })
    at += 16 + size
  }
  return datagrams
}

/** What of a capture went from one port to another, between UDP ports on one machine. */
export function between(datagrams: CapturedDatagram[], fromPort: number, toPort: number): CapturedDatagram[] {
  return datagrams.filter(({ sourcePort, destinationPort }) => sourcePort === fromPort && destinationPort === toPort)
}

function udpOf(ip: Buffer): Omit<CapturedDatagram, 'atMs'> | null {
  if (ip.length < 20 || ip.readUInt8(0) >> 4 !== 4 || ip.readUInt8(9) !== 17) return null
  if ((ip.readUInt16BE(6) & 0x3fff) !== 0) return null
  const start = (ip.readUInt8(0) & 0x0f) * 4
  if (ip.length < start + 8) return null
  const bytes = ip.subarray(start + 8, start + ip.readUInt16BE(start + 4))
  return { sourcePort: ip.readUInt16BE(start), destinationPort: ip.readUInt16BE(start + 2), bytes }
}
