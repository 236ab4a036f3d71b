import { timestampDistance } from './packet.js'

/** Event codes 0 to 15 in order (RFC 4733 §3.2). */
export const DTMF_DIGITS = '0123456789*#ABCD'
const EVENT_BYTES = 4
const SAMPLES_PER_MS = 8
/** A key whose end was lost counts as released when nothing of it has come for this long. */
const LOST_END_MS = 120
/** A segment this long may be followed by another of the same key press (RFC 4733 §2.5.1.3). */
const SEGMENT_SAMPLES = 0xffff - 20 * 160

/** One key press. */
export interface DtmfPress {
  /** One of `DTMF_DIGITS`. */
  digit: string
  durationMs: number
}

/** The payload of an RFC 4733 event packet, §2.3. */
export interface TelephoneEvent {
  event: number
  end: boolean
  /** 0 to 63, in -dBm0. */
  volume: number
  /** Since the event's timestamp, 1/8000 s. */
  durationSamples: number
}

/** Reads an event payload; null where it is too short. */
export function parseTelephoneEvent(payload: Uint8Array): TelephoneEvent | null {
  if (payload.length < EVENT_BYTES) return null
  const flags = payload[1] as number
  return {
    event: payload[0] as number,
    end: (flags & 0x80) !== 0,
    volume: flags & 0x3f,
    durationSamples: ((payload[2] as number) << 8) | (payload[3] as number),
  }
}

/** Writes an event payload. */
export function serializeTelephoneEvent(event: TelephoneEvent): Uint8Array {
  return Uint8Array.of(
    event.event,
    (event.end ? 0x80 : 0) | (event.volume & 0x3f),
    (event.durationSamples >> 8) & 0xff,
    event.durationSamples & 0xff,
  )
}

/**
 * Turns event packets into key presses, each reported once when it ends. A press is known by its timestamp, so it
 * does not matter whether the marker, the first, the middle or the last packets were lost.
 */
export class TelephoneEventReceiver {
  #current: { event: number; timestamp: number; durationSamples: number; heardMs: number } | null = null
  /** Earlier segments of the current press. */
  #segmentSamples = 0
  /** Timestamp of the newest press seen; whatever is not newer has been dealt with. */
  #newest: number | null = null

  /** Takes a packet with its RTP timestamp, at `nowMs`. Answers with the presses that are over by now. */
  push(timestamp: number, payload: Uint8Array, nowMs: number): DtmfPress[] {
    const event = parseTelephoneEvent(payload)
    if (!event || event.event >= DTMF_DIGITS.length) return []
    const presses: DtmfPress[] = []
    const current = this.#current
    if (current?.timestamp === timestamp) {
      // Another key under the same timestamp is damage.
      if (current.event !== event.event) return presses
      current.durationSamples = Math.max(current.durationSamples, event.durationSamples)
      current.heardMs = nowMs
    } else {
      if (this.#newest !== null && timestampDistance(this.#newest, timestamp) <= 0) return presses
      if (current && current.event === event.event && current.durationSamples >= SEGMENT_SAMPLES) {
        this.#segmentSamples += current.durationSamples
      } else if (current) {
        presses.push(this.#finish(current))
      }
      this.#newest = timestamp
      this.#current = { event: event.event, timestamp, durationSamples: event.durationSamples, heardMs: nowMs }
    }
    if (event.end && this.#current) presses.push(this.#finish(this.#current))
    return presses
  }

  /** To be asked once a tick: a press whose end packets were all lost. */
  poll(nowMs: number): DtmfPress | null {
    const current = this.#current
    if (!current || nowMs - current.heardMs < LOST_END_MS) return null
    return this.#finish(current)
  }

  /** The sender began a new timeline (another SSRC): timestamps no longer compare. */
  resync(): DtmfPress | null {
    const press = this.#current ? this.#finish(this.#current) : null
    this.#newest = null
    return press
  }

  #finish(current: { event: number; durationSamples: number }): DtmfPress {
    const samples = this.#segmentSamples + current.durationSamples
    this.#current = null
    this.#segmentSamples = 0
    return { digit: DTMF_DIGITS[current.event] as string, durationMs: Math.round(samples / SAMPLES_PER_MS) }
  }
}

/** An event packet to send. */
export interface TelephoneEventPacket {
  payload: Uint8Array
  marker: boolean
  timestamp: number
}

const PRESS_MS = 100
const PAUSE_MS = 60
const TICK_SAMPLES = 160
const END_PACKETS = 3
const VOLUME = 10
const LONGEST_QUEUE = 64

/** Sends key presses: one packet a tick of 20 ms, the end three times (RFC 4733 §2.5.1.4). */
export class TelephoneEventSender {
  readonly #queue: number[] = []
  #event = -1
  #timestamp = 0
  #step = 0

  /** Queues digits (`DTMF_DIGITS`, either case). `RangeError` for others, or when 64 are waiting. */
  enqueue(digits: string): void {
    const events = [...digits.toUpperCase()].map((digit) => DTMF_DIGITS.indexOf(digit))
    if (events.includes(-1)) throw new RangeError('DTMF digits are 0-9, *, #, A-D')
    if (this.#queue.length + events.length > LONGEST_QUEUE) throw new RangeError('too many DTMF digits waiting')
    this.#queue.push(...events)
  }

  /** Whether digits are being sent or waiting: audio rests meanwhile. */
  get busy(): boolean {
    return this.#event >= 0 || this.#queue.length > 0
  }

  /** The packet of this tick, whose audio timestamp is given; null in the pause after a press, or with nothing to do. */
  next(timestamp: number): TelephoneEventPacket | null {
    if (this.#event < 0) {
      const event = this.#queue.shift()
      if (event === undefined) return null
      this.#event = event
      this.#timestamp = timestamp
      this.#step = 0
    }
    this.#step++
    const pressSteps = PRESS_MS / 20
    const step = this.#step
    if (step > pressSteps + END_PACKETS - 1) {
      if (step >= pressSteps + END_PACKETS - 1 + PAUSE_MS / 20) this.#event = -1
      return null
    }
    const end = step >= pressSteps
    const durationSamples = Math.min(step, pressSteps) * TICK_SAMPLES
    return {
      payload: serializeTelephoneEvent({ event: this.#event, end, volume: VOLUME, durationSamples }),
      marker: step === 1,
      timestamp: this.#timestamp,
    }
  }
}
