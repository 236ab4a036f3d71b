import type { PortPair } from '@hotline/rtp'
import type { LocalMedia } from '@hotline/sip'

/** Our side of an offer or answer for a reserved pair of ports. */
export function localMedia(host: string, ports: PortPair): LocalMedia {
  return {
    address: host,
    rtpPort: ports.rtpPort,
    rtcpPort: ports.rtcpPort,
    sessionId: Date.now(),
    version: 1,
    codecs: ['PCMU', 'PCMA'],
  }
}
