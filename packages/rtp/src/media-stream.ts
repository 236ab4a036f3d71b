import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { sendDatagram } from './datagram.js'
import {
  checkRemote,
  DtmfNotNegotiatedError,
  FRAME_SAMPLES,
  type MediaDirection,
  type MediaFormat,
  type RemoteMedia,
  type RtpLog,
  type RtpStreamEvents,
  type RtpStreamOptions,
  type RtpStreamStats,
  type RtpStreamUpdate,
} from './media-contract.js'
import { MediaReceiver } from './media-receiver.js'
import { MediaSender } from './media-sender.js'
import { type Pacer, type PacerHandle, TICK_MS } from './pacer.js'
import { isRtcp } from './packet.js'
import type { PortPair } from './port-pool.js'
import { RtcpSession } from './rtcp-session.js'
import type { MediaAddress } from './source-gate.js'
import { TelephoneEventSender } from './telephone-event.js'

const SEND_TIMES = 1024
/** One second of packets. */
const RETURN_PACKETS = 50

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
  readonly #receiver: MediaReceiver
  readonly #sender: MediaSender
  readonly #digits = new TelephoneEventSender()
  readonly #rtcp: RtcpSession
  readonly #sendTimes = new Float64Array(SEND_TIMES)
  #format: MediaFormat
  /** What SDP said. */
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
  /** Silence of the peer counts from here, when it is later than the last packet. */
  #watchFromMs = 0
  #timedOut = false
  #foreign = 0

  constructor(options: RtpStreamOptions) {
    super()
    if (options.remote) checkRemote(options.remote)
    this.ssrc = (options.ssrc ?? randomBytes(4).readUInt32BE()) >>> 0
    this.#ports = options.ports
    this.#pacer = options.pacer
    this.#log = options.log
    this.#firstMediaTimeoutMs = options.firstMediaTimeoutMs ?? 30_000
    this.#mediaTimeoutMs = options.mediaTimeoutMs ?? 15_000
    const { codec, payloadType, dtmfPayloadType } = options
    this.#format = { codec, payloadType, dtmfPayloadType }
    this.#remote = options.remote
    this.#sendTo = options.remote
    this.#direction = options.direction
    this.#sender = new MediaSender(this.#ports.rtp, this.ssrc)
    this.#rtcp = new RtcpSession(this.ssrc)
    this.#receiver = new MediaReceiver(this.#format, options.remote, {
      onLatched: (source) => this.#latch(source),
      onPacket: (source) => this.#returnToSource(source),
      onPress: ({ digit, durationMs }) => this.emit('dtmf', digit, { durationMs }),
    })
    this.#receiver.deaf = !hears(this.#direction)
    // Listening begins now, not at the first tick: the caller's first words may come before our ACK.
    this.#ports.rtp.on('message', (bytes, from) => this.#onDatagram(bytes, from.address, from.port))
    this.#ports.rtcp.on('message', (bytes, from) => this.#onRtcp(bytes, from.address, from.port))
  }

  /** Takes a place on the pacer; frames flow both ways from the next tick on. Safe to call again. */
  start(): void {
    if (this.#handle || this.#closed) return
    this.#handle = this.#pacer.add((tick) => this.#onTick(tick))
    this.#watchFromMs = this.#handle.zeroMs
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
    const { codec, payloadType, dtmfPayloadType } = { ...this.#format, ...change }
    this.#format = { codec, payloadType, dtmfPayloadType }
    this.#receiver.update(this.#format)
    if (change.direction === undefined || change.direction === this.#direction) return
    this.#direction = change.direction
    this.#receiver.deaf = !hears(change.direction)
    this.#sender.pause()
    // Hold suspends the timeout; off hold its whole window counts again.
    this.#watchFromMs = this.#pacer.now()
  }

  /** Queues key presses; the agent's audio rests while they are sent. */
  sendDtmf(digits: string): void {
    if (this.#format.dtmfPayloadType === null) throw new DtmfNotNegotiatedError('the peer takes no telephone-event')
    this.#digits.enqueue(digits)
  }

  stats(): RtpStreamStats {
    const received = this.#receiver.stats()
    return {
      ...received,
      rejected: received.rejected + this.#foreign,
      packetsSent: this.#sender.packets,
      rttMs: this.#rtcp.rttMs,
    }
  }

  /** Says BYE on RTCP, leaves the pacer, closes the sockets. Safe to call again; resolves when the ports are closed. */
  close(): Promise<void> {
    if (this.#closed) return this.#closed
    this.#handle?.remove()
    if (this.#sender.packets > 0) {
      this.#sendRtcp((now) => this.#rtcp.goodbye(now, this.#sender.counts(this.nowMs()), this.#receiver))
    }
    this.#closed = this.#ports.release()
    this.removeAllListeners()
    return this.#closed
  }

  #move(remote: RemoteMedia): void {
    checkRemote(remote)
    const moved = remote.address !== this.#remote?.address || remote.port !== this.#remote.port
    this.#remote = remote
    if (!moved) return
    this.#receiver.expect(remote)
    this.#sendTo = remote
    this.#sinceMoved = 0
    this.#rtcpSource = null
  }

  #latch({ address, port }: MediaAddress): void {
    this.#sendTo = { address, port }
    this.#log.info({ address, port }, 'media source latched')
    this.emit('latched', address, port)
  }

  /** New SDP named an address that never sends while the old source goes on (NAT): media belongs to the old source. */
  #returnToSource(source: MediaAddress): void {
    if (this.#sendTo?.port === source.port && this.#sendTo.address === source.address) return
    if (++this.#sinceMoved >= RETURN_PACKETS) this.#latch(source)
  }

  #onDatagram(bytes: Buffer, address: string, port: number): void {
    if (this.#closed) return
    if (isRtcp(bytes)) this.#onRtcp(bytes, address, port)
    else this.#receiver.receive(bytes, address, port, this.#pacer.now())
  }

  #onTick(tick: number): void {
    const zeroMs = this.#handle?.zeroMs ?? 0
    this.#fill(tick)
    if (this.#closed) return
    const now = this.#pacer.now()
    this.#tick = tick
    const { pcm, kind, arrivalMs } = this.#receiver.pull(now)
    this.emit('frame', { pcm, tick, kind, arrivalMs: arrivalMs - zeroMs })
    if (!this.#closed) this.#send(tick)
    if (this.#closed) return
    if (this.#rtcp.due(Date.now())) {
      this.#sendRtcp((at) => this.#rtcp.report(at, this.#sender.counts(this.nowMs()), this.#receiver))
    }
    this.#watch(now)
  }

  /** The process stood still: the frames that were due are made up, so that nobody's count of frames goes wrong. */
  #fill(tick: number): void {
    while (this.#tick + 1 < tick && !this.#closed) {
      const missed = ++this.#tick
      const dueMs = missed * TICK_MS
      this.#sendTimes[missed % SEND_TIMES] = dueMs
      this.emit('frame', { pcm: new Int16Array(FRAME_SAMPLES), tick: missed, kind: 'silence', arrivalMs: dueMs })
    }
  }

  #send(tick: number): void {
    const sendMs = this.nowMs()
    this.#sendTimes[tick % SEND_TIMES] = sendMs
    const to = this.#sendTo
    if (!to || !speaks(this.#direction)) return
    const { codec, payloadType, dtmfPayloadType } = this.#format
    if (this.#digits.busy && dtmfPayloadType !== null) {
      const event = this.#digits.next(this.#sender.timestampOf(tick))
      this.#sender.pause()
      if (event) this.#sender.event(event, dtmfPayloadType, to)
      return
    }
    const pcm = this.source(tick, sendMs)
    if (!this.#closed) this.#sender.audio(tick, pcm, codec, payloadType, to)
  }

  #watch(now: number): void {
    if (this.#timedOut || this.#direction !== 'sendrecv') return
    const last = this.#receiver.lastMediaMs
    const silentMs = now - Math.max(last ?? this.#watchFromMs, this.#watchFromMs)
    if (silentMs < (last === null ? this.#firstMediaTimeoutMs : this.#mediaTimeoutMs)) return
    this.#timedOut = true
    this.#log.info({ silentMs: Math.round(silentMs) }, 'no media from the peer')
    this.emit('timeout')
  }

  #onRtcp(bytes: Buffer, address: string, port: number): void {
    // Only from the host that media comes from; which port it uses is learnt (NAT moves it).
    if (this.#closed || address !== this.#sendTo?.address || !this.#rtcp.receive(bytes, Date.now())) {
      this.#foreign++
      return
    }
    if (this.#rtcpSource?.port !== port || this.#rtcpSource.address !== address) this.#rtcpSource = { address, port }
  }

  #sendRtcp(make: (unixMs: number) => Uint8Array): void {
    const to = this.#sendTo
    if (!to) return
    const signalled = to.port === this.#remote?.port && to.address === this.#remote.address
    const port = this.#rtcpSource?.port ?? (signalled ? this.#remote?.rtcpPort : undefined) ?? to.port + 1
    if (port <= 65535) sendDatagram(this.#ports.rtcp, make(Date.now()), to.address, port)
  }
}

function speaks(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'sendonly'
}

function hears(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'recvonly'
}
