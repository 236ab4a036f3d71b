import type { Codec } from '../wire/g711.js'
import { encodeG711, PAYLOAD_TYPE } from '../wire/g711.js'
import { buildRtp } from '../wire/rtp-packet.js'

const FRAME_SAMPLES = 160
export const FRAME_MS = 20
const DIGITS = '0123456789*#ABCD'
const DIGIT_FRAMES = 5
const GAP_FRAMES = 4
const DIGIT_VOLUME = 10

/** Sound that waits to be sent; `atMs` gets the send time of each 20 ms frame. */
export interface PlayJob {
  pcm: Int16Array
  atMs: number[]
  done: () => void
}

/** What one 20 ms tick sends. */
export interface RtpFrames {
  /** Makes this tick's packets: the next frame of what is playing, a telephone event, or silence. */
  next(nowMs: number): Buffer[]
  play(job: PlayJob): void
  /** Queues digits (RFC 4733) after what is playing; resolves when the last one was sent. */
  press(digits: string, payloadType: number): Promise<void>
  /** Lets a tick pass without sending (on hold). */
  skip(): void
}

type Item =
  | { job: PlayJob; at: number }
  | { digit: number; payloadType: number; frame: number; startTimestamp: number; done: () => void }

/** A sender's state: sequence numbers, timestamps and what is queued. Times are the caller's business. */
export function createRtpFrames(codec: Codec, random: () => number): RtpFrames {
  const ssrc = Math.floor(random() * 2 ** 32)
  let sequence = Math.floor(random() * 65_536)
  let timestamp = Math.floor(random() * 2 ** 32)
  let first = true
  const queue: Item[] = []

  const packet = (payloadType: number, marker: boolean, at: number, payload: Buffer) =>
    buildRtp({ payloadType, marker, sequence: sequence++, timestamp: at, ssrc, payload })

  function audio(pcm: Int16Array): Buffer[] {
    const marker = first
    first = false
    return [packet(PAYLOAD_TYPE[codec], marker, timestamp, encodeG711(codec, pcm))]
  }

  function event(item: Extract<Item, { digit: number }>): Buffer[] {
    item.frame += 1
    if (item.frame === 1) item.startTimestamp = timestamp
    if (item.frame > DIGIT_FRAMES) {
      if (item.frame === DIGIT_FRAMES + GAP_FRAMES) {
        queue.shift()
        item.done()
      }
      return audio(new Int16Array(FRAME_SAMPLES))
    }
    const last = item.frame === DIGIT_FRAMES
    const payload = Buffer.from([item.digit, (last ? 0x80 : 0) | DIGIT_VOLUME, 0, 0])
    payload.writeUInt16BE(item.frame * FRAME_SAMPLES, 2)
    const copies = last ? 3 : 1
    return Array.from({ length: copies }, () =>
      packet(item.payloadType, item.frame === 1, item.startTimestamp, payload),
    )
  }

  function frame(nowMs: number): Buffer[] {
    const item = queue[0]
    if (!item) return audio(new Int16Array(FRAME_SAMPLES))
    if ('digit' in item) return event(item)
    const pcm = new Int16Array(FRAME_SAMPLES)
    pcm.set(item.job.pcm.subarray(item.at, item.at + FRAME_SAMPLES))
    item.job.atMs.push(nowMs)
    item.at += FRAME_SAMPLES
    if (item.at >= item.job.pcm.length) {
      queue.shift()
      item.job.done()
    }
    return audio(pcm)
  }

  return {
    next(nowMs) {
      const packets = frame(nowMs)
      timestamp += FRAME_SAMPLES
      return packets
    },
    skip() {
      timestamp += FRAME_SAMPLES
    },
    play: (job) => void queue.push({ job, at: 0 }),
    press: (digits, payloadType) =>
      new Promise((resolve, reject) => {
        const codes = [...digits.toUpperCase()].map((digit) => DIGITS.indexOf(digit))
        if (codes.length === 0 || codes.includes(-1)) return reject(new Error(`not digits of a telephone: "${digits}"`))
        codes.forEach((digit, index) => {
          const done = index === codes.length - 1 ? resolve : () => {}
          queue.push({ digit, payloadType, frame: 0, startTimestamp: 0, done })
        })
      }),
  }
}
