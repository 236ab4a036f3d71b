import { decodeG711, type G711Codec } from '@hotline/audio'
import { JitterBuffer, type JitterFrame } from './jitter-buffer.js'
import type { MediaFormat } from './media-contract.js'
import { parseRtp, type RtpPacket } from './packet.js'
import { Reception } from './reception.js'
import { type MediaAddress, SourceGate } from './source-gate.js'
import { type DtmfPress, TelephoneEventReceiver } from './telephone-event.js'

const PCMU = 0
const PCMA = 8
const COMFORT_NOISE = 13
/** Longest packet taken: 200 ms of G.711. */
const LARGEST_PAYLOAD_BYTES = 1600
const HELD_PACKETS = 8

export interface MediaReceiverEvents {
  /** Another source is the call's from now on. */
  onLatched(source: MediaAddress): void
  /** A packet of the source in use was taken. */
  onPacket(source: MediaAddress): void
  onPress(press: DtmfPress): void
}

/** The receiving half of a stream: from datagrams to frames and key presses. Times are on the pacer's clock. */
export class MediaReceiver {
  readonly #gate: SourceGate
  readonly #jitter = new JitterBuffer()
  readonly #presses = new TelephoneEventReceiver()
  readonly #events: MediaReceiverEvents
  #format: MediaFormat
  #reception = new Reception()
  #held: { packet: RtpPacket; arrivalMs: number }[] = []
  #received = 0
  #rejected = 0
  /** Packets count, but their audio is not wanted. */
  deaf = false
  /** When the last packet of this call arrived, or null. */
  lastMediaMs: number | null = null

  constructor(format: MediaFormat, signalled: MediaAddress | null, events: MediaReceiverEvents) {
    this.#format = format
    this.#gate = new SourceGate(signalled)
    this.#events = events
  }

  /** SSRC of the source in use. */
  get ssrc(): number | null {
    return this.#gate.ssrc
  }

  get reception(): Reception {
    return this.#reception
  }

  /** New SDP. */
  update(format: MediaFormat): void {
    this.#format = format
  }

  /** New SDP names this address. */
  expect(signalled: MediaAddress): void {
    this.#gate.expect(signalled)
  }

  /** Takes a datagram, whatever it is. */
  receive(bytes: Uint8Array, address: string, port: number, arrivalMs: number): void {
    const packet = parseRtp(bytes)
    if (!packet || !this.#understands(packet)) {
      this.#rejected++
      return
    }
    switch (this.#gate.judge(address, port, packet.ssrc, packet.sequenceNumber, arrivalMs)) {
      case 'accept':
        this.#take(packet, arrivalMs)
        this.#events.onPacket({ address, port })
        break
      case 'hold':
        this.#held.push({ packet, arrivalMs })
        if (this.#held.length > HELD_PACKETS) this.#held.shift()
        break
      case 'reject':
        this.#rejected++
        break
      case 'switch':
        this.#adopt(packet, arrivalMs)
        this.#events.onLatched({ address, port })
    }
  }

  /** The next 20 ms; to be called once a tick. */
  pull(nowMs: number): JitterFrame {
    const press = this.#presses.poll(nowMs)
    if (press) this.#events.onPress(press)
    return this.#jitter.pull(nowMs)
  }

  stats() {
    const { late, concealed, duplicates } = this.#jitter.stats()
    return {
      packetsReceived: this.#received,
      rejected: this.#rejected,
      lost: Math.max(0, this.#reception.lost),
      late,
      concealed,
      duplicates,
      jitterMs: this.#reception.jitterMs,
      playoutDelayMs: this.#jitter.playoutDelayMs,
    }
  }

  #understands({ payloadType, payload }: RtpPacket): boolean {
    if (payload.length > LARGEST_PAYLOAD_BYTES) return false
    return (
      this.#codecOf(payloadType) !== null ||
      payloadType === this.#format.dtmfPayloadType ||
      payloadType === COMFORT_NOISE
    )
  }

  /** Peers switch between the two static G.711 types without a word; both are always understood. */
  #codecOf(payloadType: number): G711Codec | null {
    if (payloadType === this.#format.payloadType) return this.#format.codec
    if (payloadType === this.#format.dtmfPayloadType) return null
    return payloadType === PCMU ? 'PCMU' : payloadType === PCMA ? 'PCMA' : null
  }

  #adopt(packet: RtpPacket, arrivalMs: number): void {
    const held = this.#held.filter((one) => one.packet.ssrc === packet.ssrc)
    this.#held = []
    this.#jitter.reset()
    this.#reception = new Reception()
    const press = this.#presses.resync()
    if (press) this.#events.onPress(press)
    for (const one of held) this.#take(one.packet, one.arrivalMs)
    this.#take(packet, arrivalMs)
  }

  #take(packet: RtpPacket, arrivalMs: number): void {
    this.#received++
    this.lastMediaMs = arrivalMs
    this.#reception.push(packet.sequenceNumber, packet.timestamp, arrivalMs)
    if (this.deaf) return
    if (packet.payloadType === this.#format.dtmfPayloadType) {
      for (const press of this.#presses.push(packet.timestamp, packet.payload, arrivalMs)) this.#events.onPress(press)
      return
    }
    const codec = this.#codecOf(packet.payloadType)
    // Comfort noise (RFC 3389) says that nothing is said: the gap it leaves is filled with silence anyway.
    if (!codec) return
    this.#jitter.put(packet.sequenceNumber, packet.timestamp, decodeG711(codec, packet.payload), arrivalMs)
  }
}
