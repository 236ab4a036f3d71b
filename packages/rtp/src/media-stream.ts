import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { isIP } from 'node:net'
import { decodeG711, encodeG711, G711_SILENCE, type G711Codec } from '@hotline/audio'
import { type FrameKind, JitterBuffer } from './jitter-buffer.js'
import { type Pacer, type PacerHandle, TICK_MS } from './pacer.js'
import { isRtcp, parseRtp, RTP_HEADER_BYTES, type RtpPacket, writeRtpHeader } from './packet.js'
import type { PortPair } from './port-pool.js'
import { Reception } from './reception.js'
import { RtcpSession } from './rtcp-session.js'
import { type MediaAddress, SourceGate } from './source-gate.js'
import { type DtmfPress, TelephoneEventReceiver, TelephoneEventSender } from './telephone-event.js'

const FRAME_SAMPLES = 160
const PCMU = 0
const PCMA = 8
/** Longest packet taken: 200 ms of G.711. */
const LARGEST_PAYLOAD_BYTES = 1600
const HELD_PACKETS = 8
/** One second of packets. */
const RETURN_PACKETS = 50
const SEND_TIMES = 1024

/** Which way audio flows, seen from this side (RFC 3264 §5.1). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** Where the peer wants its media. RTCP goes to the next port unless it says otherwise. */
export interface RemoteMedia extends MediaAddress {
  rtcpPort?: number
}

/** The part of a pino logger that is used. */
export interface RtpLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface RtpStreamOptions {
  /** Bound sockets; the stream releases them when it closes. */
  ports: PortPair
  pacer: Pacer
  codec: G711Codec
  payloadType: number
  /** Payload type of telephone-event, or null where the peer has none. */
  dtmfPayloadType: number | null
  /** Null: unknown yet (late offer); the first source that sends is taken. */
  remote: RemoteMedia | null
  direction: MediaDirection
  ssrc?: number
  /** No media at all since the start: `timeout`. Default 30000. */
  firstMediaTimeoutMs?: number
  /** No media since the last packet: `timeout`. Default 15000. */
  mediaTimeoutMs?: number
  log: RtpLog
}

/** What a re-INVITE may change. */
export interface RtpStreamUpdate {
  /** Null (hold by 0.0.0.0) leaves the address as it is. */
  remote?: RemoteMedia | null
  direction?: MediaDirection
  codec?: G711Codec
  payloadType?: number
  dtmfPayloadType?: number | null
}

/** Twenty milliseconds from the caller. */
export interface ReceivedFrame {
  /** 160 samples, 8 kHz; the receiver may keep and change it. */
  pcm: Int16Array
  tick: number
  kind: FrameKind
  /** Media-clock ms at which the frame's first sample arrived; the jitter buffer's delay is `tick * 20 - arrivalMs`. */
  arrivalMs: number
}

export interface RtpStreamEvents {
  /** Once a tick from the first tick on, always: silence is made up in gaps. */
  frame: [frame: ReceivedFrame]
  dtmf: [digit: string, press: { durationMs: number }]
  /** No media for too long; once. */
  timeout: []
  /** Media is taken from, and sent to, this address from now on. */
  latched: [address: string, port: number]
}

export interface RtpStreamStats {
  packetsSent: number
  packetsReceived: number
  /** Packets of the current source that never came (RFC 3550 A.3). */
  lost: number
  late: number
  /** Frames with made-up audio. */
  concealed: number
  duplicates: number
  /** Datagrams that were not RTP of this call: malformed, unknown payload type, foreign source. */
  rejected: number
  jitterMs: number
  /** Between a packet's arrival and its playout. */
  playoutDelayMs: number
  rttMs: number | null
}

/** The peer did not offer telephone-event, so digits cannot be sent. */
export class DtmfNotNegotiatedError extends Error {
  override name = 'DtmfNotNegotiatedError'
  readonly code = 'dtmf_not_negotiated'
}

/** Throws `RangeError` for what a socket could not send to. */
function checkRemote(remote: RemoteMedia | null): void {
  if (!remote) return
  if (isIP(remote.address) === 0) throw new RangeError(`media address must be an IP address: ${remote.address}`)
  for (const port of [remote.port, remote.rtcpPort ?? 1]) {
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError(`media port out of range: ${port}`)
  }
}

/**
 * One call's audio over RTP: 20 ms frames in and out on the shared pacer, G.711, telephone-event, RTCP. The media
 * clock starts at tick 0; a received sample's time is its packet's arrival plus its offset in the packet, a sent
 * sample's time is its packet's departure plus its offset.
 */
export class RtpStream extends EventEmitter<RtpStreamEvents> {
  /**
   * Gives the 160 samples of each tick, which leave at `sendMs` on the media clock; null sends silence, so that NAT
   * bindings and observers see a steady stream. Not asked while the peer has the call on hold or digits are being sent.
   */
  source: (tick: number, sendMs: number) => Int16Array | null = () => null

  readonly ssrc: number
  readonly #ports: PortPair
  readonly #pacer: Pacer
  readonly #log: RtpLog
  readonly #firstMediaTimeoutMs: number
  readonly #mediaTimeoutMs: number
  readonly #gate: SourceGate
  readonly #jitter = new JitterBuffer()
  readonly #events = new TelephoneEventReceiver()
  readonly #digits = new TelephoneEventSender()
  readonly #rtcp: RtcpSession
  readonly #sendTimes = new Float64Array(SEND_TIMES)
  #reception = new Reception()
  #codec: G711Codec
  #payloadType: number
  #dtmfPayloadType: number | null
  #remote: RemoteMedia | null
  /** Where media goes: the latched source, or what new SDP says until somebody sends. */
  #sendTo: MediaAddress | null
  /** Packets of the latched source since new SDP sent our media elsewhere. */
  #sinceMoved = 0
  #rtcpSource: MediaAddress | null = null
  #direction: MediaDirection
  #handle: PacerHandle | null = null
  #closed: Promise<void> | null = null
  #tick = -1
  #held: { packet: RtpPacket; arrivalMs: number }[] = []
  #sequenceNumber = randomBytes(2).readUInt16BE()
  readonly #timestampBase = randomBytes(4).readUInt32BE()
  #talking = false
  #lastMediaMs: number | null = null
  #waitingSinceMs = 0
  #timedOut = false
  #sent = 0
  #sentBytes = 0
  #received = 0
  #rejected = 0

  constructor(options: RtpStreamOptions) {
    super()
    checkRemote(options.remote)
    this.ssrc = (options.ssrc ?? randomBytes(4).readUInt32BE()) >>> 0
    this.#ports = options.ports
    this.#pacer = options.pacer
    this.#log = options.log
    this.#firstMediaTimeoutMs = options.firstMediaTimeoutMs ?? 30_000
    this.#mediaTimeoutMs = options.mediaTimeoutMs ?? 15_000
    this.#codec = options.codec
    this.#payloadType = options.payloadType
    this.#dtmfPayloadType = options.dtmfPayloadType
    this.#remote = options.remote
    this.#sendTo = options.remote
    this.#direction = options.direction
    this.#gate = new SourceGate(options.remote)
    this.#rtcp = new RtcpSession(this.ssrc)
    // Listening begins now, not at the first tick: the caller's first words may come before our ACK.
    this.#ports.rtp.on('message', (bytes, from) => this.#onDatagram(bytes, from.address, from.port))
    this.#ports.rtcp.on('message', (bytes, from) => this.#onRtcp(bytes, from.address, from.port))
  }

  /** Takes a place on the pacer; frames flow both ways from the next tick on. Safe to call again. */
  start(): void {
    if (this.#handle || this.#closed) return
    this.#handle = this.#pacer.add((tick) => this.#onTick(tick))
    this.#waitingSinceMs = this.#handle.zeroMs
  }

  /** The media clock: milliseconds since tick 0, with a fraction; 0 before that. Tick n is due at `n * 20`. */
  nowMs(): number {
    return this.#handle ? Math.max(0, this.#pacer.now() - this.#handle.zeroMs) : 0
  }

  /** When a tick's packet left, on the media clock; of the last 1024 ticks. For others, when it was or is due. */
  sendTimeMs(tick: number): number {
    const known = tick >= 0 && tick <= this.#tick && tick > this.#tick - SEND_TIMES
    return known ? (this.#sendTimes[tick % SEND_TIMES] as number) : tick * TICK_MS
  }

  /** Where media is sent: where the peer's packets come from, else what its SDP said. */
  get remote(): MediaAddress | null {
    return this.#sendTo
  }

  get direction(): MediaDirection {
    return this.#direction
  }

  /** Applies a re-INVITE. `RangeError` for an address or port that cannot be. The media clock goes on. */
  update(change: RtpStreamUpdate): void {
    if (change.remote) this.#move(change.remote)
    if (change.codec !== undefined) this.#codec = change.codec
    if (change.payloadType !== undefined) this.#payloadType = change.payloadType
    if (change.dtmfPayloadType !== undefined) this.#dtmfPayloadType = change.dtmfPayloadType
    if (change.direction !== undefined && change.direction !== this.#direction) {
      this.#direction = change.direction
      this.#talking = false
      // Hold suspends the timeout; off hold the whole window counts again from now.
      if (this.#lastMediaMs !== null) this.#lastMediaMs = this.#pacer.now()
      else this.#waitingSinceMs = this.#pacer.now()
    }
  }

  #move(remote: RemoteMedia): void {
    checkRemote(remote)
    const moved = remote.address !== this.#remote?.address || remote.port !== this.#remote.port
    this.#remote = remote
    if (!moved) return
    this.#gate.expect(remote)
    this.#sendTo = remote
    this.#sinceMoved = 0
    this.#rtcpSource = null
  }

  /** Queues key presses; the agent's audio rests while they are sent. */
  sendDtmf(digits: string): void {
    if (this.#dtmfPayloadType === null) throw new DtmfNotNegotiatedError('the peer takes no telephone-event')
    this.#digits.enqueue(digits)
  }

  stats(): RtpStreamStats {
    const { late, concealed, duplicates } = this.#jitter.stats()
    return {
      packetsSent: this.#sent,
      packetsReceived: this.#received,
      lost: Math.max(0, this.#reception.lost),
      late,
      concealed,
      duplicates,
      rejected: this.#rejected,
      jitterMs: this.#reception.jitterMs,
      playoutDelayMs: this.#jitter.playoutDelayMs,
      rttMs: this.#rtcp.rttMs,
    }
  }

  /** Says BYE on RTCP, leaves the pacer, closes the sockets. Safe to call again; resolves when the ports are closed. */
  close(): Promise<void> {
    if (this.#closed) return this.#closed
    this.#handle?.remove()
    if (this.#sent > 0)
      this.#sendRtcp((now) => this.#rtcp.goodbye(now, this.#counts(), this.#reception, this.#gate.ssrc))
    this.#closed = this.#ports.release()
    this.removeAllListeners()
    return this.#closed
  }

  #onDatagram(bytes: Buffer, address: string, port: number): void {
    if (this.#closed) return
    if (isRtcp(bytes)) {
      this.#onRtcp(bytes, address, port)
      return
    }
    const packet = parseRtp(bytes)
    if (!packet || !this.#understands(packet)) {
      this.#rejected++
      return
    }
    const arrivalMs = this.#pacer.now()
    const verdict = this.#gate.judge(address, port, packet.ssrc, packet.sequenceNumber, arrivalMs)
    switch (verdict) {
      case 'accept':
        this.#take(packet, arrivalMs)
        this.#returnToSource(address, port)
        break
      case 'hold':
        this.#held.push({ packet, arrivalMs })
        if (this.#held.length > HELD_PACKETS) this.#held.shift()
        break
      case 'reject':
        this.#rejected++
        break
      case 'switch':
        this.#adopt(packet, arrivalMs, address, port)
    }
  }

  /** New SDP named an address that never sends while the old source goes on (NAT): media belongs to the old source. */
  #returnToSource(address: string, port: number): void {
    if (this.#sendTo?.port === port && this.#sendTo.address === address) return
    if (++this.#sinceMoved < RETURN_PACKETS) return
    this.#sendTo = { address, port }
    this.emit('latched', address, port)
  }

  #understands({ payloadType, payload }: RtpPacket): boolean {
    if (payload.length > LARGEST_PAYLOAD_BYTES) return false
    return this.#codecOf(payloadType) !== null || payloadType === this.#dtmfPayloadType || payloadType === 13
  }

  /** Peers switch between the two static G.711 types without a word; both are always understood. */
  #codecOf(payloadType: number): G711Codec | null {
    if (payloadType === this.#payloadType) return this.#codec
    if (payloadType === this.#dtmfPayloadType) return null
    return payloadType === PCMU ? 'PCMU' : payloadType === PCMA ? 'PCMA' : null
  }

  #adopt(packet: RtpPacket, arrivalMs: number, address: string, port: number): void {
    const held = this.#held.filter((one) => one.packet.ssrc === packet.ssrc)
    this.#held = []
    this.#sendTo = { address, port }
    this.#jitter.reset()
    this.#reception = new Reception()
    this.#report(this.#events.resync())
    this.#log.info({ address, port, ssrc: packet.ssrc }, 'media source latched')
    for (const one of held) this.#take(one.packet, one.arrivalMs)
    this.#take(packet, arrivalMs)
    this.emit('latched', address, port)
  }

  #take(packet: RtpPacket, arrivalMs: number): void {
    this.#received++
    this.#lastMediaMs = arrivalMs
    this.#reception.push(packet.sequenceNumber, packet.timestamp, arrivalMs)
    if (this.#direction === 'inactive' || this.#direction === 'sendonly') return
    if (packet.payloadType === this.#dtmfPayloadType) {
      for (const press of this.#events.push(packet.timestamp, packet.payload, arrivalMs)) this.#report(press)
      return
    }
    const codec = this.#codecOf(packet.payloadType)
    // Comfort noise (RFC 3389) says that nothing is said: the gap it leaves is filled with silence anyway.
    if (!codec) return
    this.#jitter.put(packet.sequenceNumber, packet.timestamp, decodeG711(codec, packet.payload), arrivalMs)
  }

  #report(press: DtmfPress | null): void {
    if (press) this.emit('dtmf', press.digit, { durationMs: press.durationMs })
  }

  #onTick(tick: number): void {
    const zeroMs = (this.#handle as PacerHandle).zeroMs
    const now = this.#pacer.now()
    // The process stood still: the frames that were due are made up, so that nobody's count of frames goes wrong.
    while (this.#tick + 1 < tick && !this.#closed) {
      const missed = ++this.#tick
      this.#sendTimes[missed % SEND_TIMES] = missed * TICK_MS
      this.emit('frame', {
        pcm: new Int16Array(FRAME_SAMPLES),
        tick: missed,
        kind: 'silence',
        arrivalMs: missed * TICK_MS,
      })
    }
    if (this.#closed) return
    this.#tick = tick
    const frame = this.#jitter.pull(now)
    this.#report(this.#events.poll(now))
    if (this.#closed) return
    this.emit('frame', { pcm: frame.pcm, tick, kind: frame.kind, arrivalMs: frame.arrivalMs - zeroMs })
    if (this.#closed) return
    this.#send(tick)
    if (this.#closed) return
    const unixMs = Date.now()
    if (this.#rtcp.due(unixMs)) {
      this.#sendRtcp((at) => this.#rtcp.report(at, this.#counts(), this.#reception, this.#gate.ssrc))
    }
    this.#watch(now)
  }

  #watch(now: number): void {
    if (this.#timedOut || this.#direction !== 'sendrecv') return
    const silentMs = now - (this.#lastMediaMs ?? this.#waitingSinceMs)
    if (silentMs < (this.#lastMediaMs === null ? this.#firstMediaTimeoutMs : this.#mediaTimeoutMs)) return
    this.#timedOut = true
    this.#log.info({ silentMs: Math.round(silentMs) }, 'no media from the peer')
    this.emit('timeout')
  }

  #send(tick: number): void {
    const sendMs = this.nowMs()
    this.#sendTimes[tick % SEND_TIMES] = sendMs
    const remote = this.remote
    if (!remote || (this.#direction !== 'sendrecv' && this.#direction !== 'sendonly')) return
    const timestamp = (this.#timestampBase + tick * FRAME_SAMPLES) >>> 0
    if (this.#digits.busy && this.#dtmfPayloadType !== null) {
      const event = this.#digits.next(timestamp)
      this.#talking = false
      if (event) {
        this.#transmit(remote, this.#dtmfPayloadType, event.marker, event.timestamp, event.payload.length, (out) =>
          out.set(event.payload, RTP_HEADER_BYTES),
        )
      }
      return
    }
    const pcm = this.source(tick, sendMs)
    if (this.#closed) return
    const marker = !this.#talking
    this.#talking = true
    this.#transmit(remote, this.#payloadType, marker, timestamp, FRAME_SAMPLES, (out) => {
      const samples = pcm === null ? 0 : Math.min(pcm.length, FRAME_SAMPLES)
      if (samples < FRAME_SAMPLES) out.fill(G711_SILENCE[this.#codec], RTP_HEADER_BYTES)
      if (pcm) encodeG711(this.#codec, samples < pcm.length ? pcm.subarray(0, samples) : pcm, out, RTP_HEADER_BYTES)
    })
  }

  #transmit(
    remote: MediaAddress,
    payloadType: number,
    marker: boolean,
    timestamp: number,
    payloadBytes: number,
    fill: (out: Buffer) => void,
  ): void {
    const out = Buffer.allocUnsafe(RTP_HEADER_BYTES + payloadBytes)
    writeRtpHeader(out, payloadType, marker, this.#sequenceNumber, timestamp, this.ssrc)
    fill(out)
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff
    this.#sent++
    this.#sentBytes += payloadBytes
    sendDatagram(this.#ports.rtp, out, remote.address, remote.port)
  }

  #counts() {
    const rtpTimestamp = (this.#timestampBase + Math.round(this.nowMs() * 8)) >>> 0
    return { packets: this.#sent, payloadBytes: this.#sentBytes, rtpTimestamp }
  }

  #onRtcp(bytes: Buffer, address: string, port: number): void {
    // Only from the host that media comes from; which port it uses is learnt (NAT moves it).
    if (this.#closed || address !== this.remote?.address || !this.#rtcp.receive(bytes, Date.now())) {
      this.#rejected++
      return
    }
    if (this.#rtcpSource?.port !== port || this.#rtcpSource.address !== address) this.#rtcpSource = { address, port }
  }

  #sendRtcp(make: (unixMs: number) => Uint8Array): void {
    const remote = this.remote
    if (!remote) return
    const signalled = remote.port === this.#remote?.port && remote.address === this.#remote.address
    const port = this.#rtcpSource?.port ?? (signalled ? this.#remote?.rtcpPort : undefined) ?? remote.port + 1
    if (port <= 65535) sendDatagram(this.#ports.rtcp, make(Date.now()), remote.address, port)
  }
}

/** Sends without waiting; a datagram that cannot be sent is lost, as any may be. */
function sendDatagram(socket: Socket, bytes: Uint8Array, address: string, port: number): void {
  try {
    socket.send(bytes, port, address, ignoreFailure)
  } catch {
    // The socket was closed under us or the address family does not fit: nothing to repair in mid-call.
  }
}

function ignoreFailure(): void {}
