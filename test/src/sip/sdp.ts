import { type Codec, PAYLOAD_TYPE } from '../wire/g711.js'

/** Payload type that the judge offers for RFC 4733 telephone events. */
export const DTMF_PAYLOAD_TYPE = 101

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** An offer of one codec and telephone events, 20 ms packets. */
export function sdpOffer(codec: Codec, rtpPort: number, direction: Direction, version: number): string {
  const payloadType = PAYLOAD_TYPE[codec]
  return [
    'v=0',
    `o=judge 20518 ${version} IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${rtpPort} RTP/AVP ${payloadType} ${DTMF_PAYLOAD_TYPE}`,
    `a=rtpmap:${payloadType} ${codec}/8000`,
    `a=rtpmap:${DTMF_PAYLOAD_TYPE} telephone-event/8000`,
    `a=fmtp:${DTMF_PAYLOAD_TYPE} 0-15`,
    'a=ptime:20',
    `a=${direction}`,
    '',
  ].join('\r\n')
}

/** What an answer says of its audio. */
export interface SdpAnswer {
  port: number
  payloadTypes: number[]
  dtmfPayloadType: number | null
  direction: Direction
}

/** Reads an answer's first audio line; throws where there is none. */
export function readAnswer(sdp: string): SdpAnswer {
  const media = /^m=audio (\d+) RTP\/AVP ([\d ]+)\r?$/m.exec(sdp)
  if (!media) throw new Error(`the answer has no audio: ${sdp}`)
  const dtmf = /^a=rtpmap:(\d+) telephone-event\/8000\r?$/im.exec(sdp)?.[1]
  const direction = /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(sdp)?.[1]
  return {
    port: Number(media[1]),
    payloadTypes: (media[2] ?? '').trim().split(/\s+/).map(Number),
    dtmfPayloadType: dtmf === undefined ? null : Number(dtmf),
    direction: (direction ?? 'sendrecv') as Direction,
  }
}
