import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type Codec, decodeG711, PAYLOAD_TYPE } from '../wire/g711.js'
import { audibleSpan } from '../wire/level.js'
import { parseRtp } from '../wire/rtp-packet.js'
import type { SeenDatagram } from '../wire/rtp-timeline.js'
import { seededRandom } from './random.js'
import { createRtpFrames, FRAME_MS } from './rtp-sender.js'

export interface MediaOptions {
  codec: Codec
  /** Share of packets that are not sent, 0 to 100. */
  lossPercent: number
  /** Each packet is held back by up to this, so that they also overtake each other. */
  jitterMs: number
  seed: number
}

/** A caller's RTP: sends a frame every 20 ms, keeps everything that went and came. Times of performance.now(). */
export interface Media {
  readonly rtpPort: number
  readonly sent: SeenDatagram[]
  readonly received: SeenDatagram[]
  /** Starts of the audible 10 ms windows received, in order of arrival. */
  readonly audibleMs: number[]
  start(remotePort: number): void
  /** Off: time goes on, nothing is sent. */
  setSending(on: boolean): void
  /** Sends a sound after what is queued; resolves with the send time of each of its 20 ms frames. */
  play(pcm: Int16Array): Promise<number[]>
  press(digits: string, payloadType: number): Promise<void>
  /** Sends a datagram as it is from the RTP socket; it is no part of `sent`. */
  sendRaw(bytes: Buffer): void
  close(): void
}

const HOST = '127.0.0.1'
const PORT_TRIES = 50

/** Opens RTP on a free even loopback port, the odd one above it bound for RTCP. */
export async function openMedia(options: MediaOptions): Promise<Media> {
  const { rtp, rtcp } = await openPorts()
  const random = seededRandom(options.seed)
  const frames = createRtpFrames(options.codec, random)
  const sent: SeenDatagram[] = []
  const received: SeenDatagram[] = []
  const audibleMs: number[] = []
  let remotePort = 0
  let sending = true
  let timer: NodeJS.Timeout | undefined
  let closed = false

  rtp.on('error', () => {})
  rtcp.on('error', () => {})
  rtp.on('message', (bytes) => {
    const atMs = performance.now()
    received.push({ atMs, bytes })
    const packet = parseRtp(bytes)
    if (packet?.payloadType !== PAYLOAD_TYPE[options.codec]) return
    const pcm = decodeG711(options.codec, packet.payload)
    for (let at = 0; at + 80 <= pcm.length; at += 80) {
      if (audibleSpan(pcm.subarray(at, at + 80))) audibleMs.push(atMs + at / 8)
    }
  })

  function transmit(bytes: Buffer): void {
    if (random() * 100 < options.lossPercent) return
    const go = () => {
      if (closed) return
      sent.push({ atMs: performance.now(), bytes })
      rtp.send(bytes, remotePort, HOST)
    }
    if (options.jitterMs > 0) setTimeout(go, random() * options.jitterMs)
    else go()
  }

  function start(port: number): void {
    remotePort = port
    if (timer) return
    const startMs = performance.now()
    let tick = 0
    const run = () => {
      for (; startMs + tick * FRAME_MS <= performance.now(); tick++) {
        if (sending) frames.next(performance.now()).forEach(transmit)
        else frames.skip()
      }
      timer = setTimeout(run, Math.max(0, startMs + tick * FRAME_MS - performance.now()))
    }
    run()
  }

  return {
    rtpPort: rtp.address().port,
    sent,
    received,
    audibleMs,
    start,
    setSending: (on) => {
      sending = on
    },
    play: (pcm) =>
      new Promise((resolve) => {
        const atMs: number[] = []
        frames.play({ pcm, atMs, done: () => resolve(atMs) })
      }),
    press: (digits, payloadType) => frames.press(digits, payloadType),
    sendRaw: (bytes) => {
      if (!closed && remotePort) rtp.send(bytes, remotePort, HOST)
    },
    close: () => {
      if (closed) return
      closed = true
      clearTimeout(timer)
      rtp.close()
      rtcp.close()
    },
  }
}

async function openPorts(): Promise<{ rtp: Socket; rtcp: Socket }> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const rtp = createSocket('udp4')
    rtp.bind(0, HOST)
    await once(rtp, 'listening')
    const { port } = rtp.address()
    if (port % 2 === 0 && port < 65_535) {
      const rtcp = createSocket('udp4')
      rtcp.bind(port + 1, HOST)
      if (
        await once(rtcp, 'listening').then(
          () => true,
          () => false,
        )
      )
        return { rtp, rtcp }
      rtcp.close()
    }
    rtp.close()
  }
  throw new Error('no free pair of RTP ports on loopback')
}
