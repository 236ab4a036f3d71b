import { sequenceDistance } from './packet.js'

/** Packets in a row that an unexpected source must send before it is believed (RFC 3550 A.1 asks for two). */
const FIRST_PROBATION = 2
const RELATCH_PROBATION = 4
/** The source in use must have been silent this long before another address may take its place. */
const RELATCH_SILENCE_MS = 400
/** Packets of a probation kept, so that no audio is lost when it succeeds. */
const PROBATION_MS = 1000

/** Where packets come from. */
export interface MediaAddress {
  address: string
  port: number
}

/** What to do with a packet: take it, take it after starting afresh with its source, keep it for later, or drop it. */
export type GateVerdict = 'accept' | 'switch' | 'hold' | 'reject'

interface Candidate extends MediaAddress {
  ssrc: number
  sequenceNumber: number
  inRow: number
  heardMs: number
}

/**
 * Decides whose packets belong to the call (symmetric RTP, RFC 4961): the address in the SDP is believed at once, any
 * other, behind NAT say, after a short probation. A stray packet never takes a call over while its source is sending.
 */
export class SourceGate {
  #current: (MediaAddress & { ssrc: number; heardMs: number }) | null = null
  #signalled: MediaAddress | null
  #candidate: Candidate | null = null

  constructor(signalled: MediaAddress | null) {
    this.#signalled = signalled
  }

  /** The source in use, or null before the first packet. */
  get latched(): MediaAddress | null {
    return this.#current
  }

  /** SSRC of the source in use. */
  get ssrc(): number | null {
    return this.#current?.ssrc ?? null
  }

  /** New SDP: its address is believed from now on; the old source stays until the new one sends. */
  expect(signalled: MediaAddress | null): void {
    this.#signalled = signalled
    this.#candidate = null
  }

  /** Judges one well-formed packet. `switch`: this packet's source is the call's from now on. */
  judge(address: string, port: number, ssrc: number, sequenceNumber: number, nowMs: number): GateVerdict {
    const current = this.#current
    if (current && current.port === port && current.address === address && current.ssrc === ssrc) {
      current.heardMs = nowMs
      return 'accept'
    }
    const sameAddress = current !== null && current.port === port && current.address === address
    const expected = this.#signalled !== null && this.#signalled.port === port && this.#signalled.address === address
    const currentExpected =
      current !== null && current.port === this.#signalled?.port && current.address === this.#signalled.address
    if (expected && !currentExpected) return this.#adopt(address, port, ssrc, nowMs)
    // While the source in use is sending nobody else may come in; its own new SSRC may.
    if (current && !sameAddress && nowMs - current.heardMs < RELATCH_SILENCE_MS) return 'reject'
    const inRow = this.#probation(address, port, ssrc, sequenceNumber, nowMs)
    if (inRow < (current && !sameAddress ? RELATCH_PROBATION : FIRST_PROBATION)) return 'hold'
    return this.#adopt(address, port, ssrc, nowMs)
  }

  #probation(address: string, port: number, ssrc: number, sequenceNumber: number, nowMs: number): number {
    const candidate = this.#candidate
    if (
      candidate?.address === address &&
      candidate.port === port &&
      candidate.ssrc === ssrc &&
      nowMs - candidate.heardMs < PROBATION_MS
    ) {
      const step = sequenceDistance(candidate.sequenceNumber, sequenceNumber)
      // Some may be lost on the way, none may come twice.
      if (step < 1 || step > 16) return candidate.inRow
      candidate.sequenceNumber = sequenceNumber
      candidate.heardMs = nowMs
      return ++candidate.inRow
    }
    this.#candidate = { address, port, ssrc, sequenceNumber, inRow: 1, heardMs: nowMs }
    return 1
  }

  #adopt(address: string, port: number, ssrc: number, nowMs: number): 'switch' {
    this.#candidate = null
    this.#current = { address, port, ssrc, heardMs: nowMs }
    return 'switch'
  }
}
