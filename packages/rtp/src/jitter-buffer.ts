import { NoiseFloor, rmsDbfs } from '@hotline/audio'
import { ArrivalClock } from './arrival-clock.js'
import { Concealer } from './concealment.js'
import { LateWindow } from './late-window.js'
import { sequenceDistance, timestampDistance } from './packet.js'
import { WaitWindow } from './wait-window.js'

const RATE_HZ = 8000
const SAMPLES_PER_MS = RATE_HZ / 1000
const FRAME_SAMPLES = 160
const FRAME_MS = 20
/** Audio kept at most; a longer burst (an outage that ends) loses its oldest part. */
const LARGEST_BUFFER_SAMPLES = 400 * SAMPLES_PER_MS
/** A packet waits at most this long for its timestamp to come due; then the sender's clock must have jumped. */
const LONGEST_HOLD_MS = 400
/** A timestamp this far back under a newer sequence number is a new timeline, not a late packet. */
const TIMELINE_JUMP_SAMPLES = 2 * RATE_HZ
/** When every packet of the last seconds waited longer than a frame and this, a frame's delay can go. */
const SPARE_MS = 5
/** More waiting than this is taken out in the middle of speech too. */
const EXCESSIVE_WAIT_MS = 120
/** Frames no louder than this much above the line's noise may be left out. */
const QUIET_ABOVE_FLOOR_DB = 6
const CERTAINLY_QUIET_DBFS = -50
/** Least time between two frames left out. */
const SHRINK_INTERVAL_MS = 60
/** Delay that is needed is put in at the next quiet frame, or after this time in the middle of speech. */
const LONGEST_GROWTH_WAIT_MS = 300
const SEEN_SLOTS = 1024

/** What a frame is made of: the caller's audio, audio made up for a short gap, or nothing. */
export type FrameKind = 'speech' | 'concealed' | 'silence'

/** Twenty milliseconds of playout. */
export interface JitterFrame {
  /** 160 samples, 8 kHz. The receiver owns it. */
  pcm: Int16Array
  kind: FrameKind
  /**
   * When its first sample arrived (its packet's arrival and its offset in the packet), same clock as `pull`'s. Long
   * delays of single packets are taken out, see `ArrivalClock`.
   */
  arrivalMs: number
}

interface Queued {
  /** Timestamp, unwrapped. */
  start: number
  pcm: Int16Array
  arrivalMs: number
  /** Arrival without long delays. */
  stampMs: number
  used: boolean
}

/** What became of a packet. */
export type PutResult = 'queued' | 'duplicate' | 'late'

export interface JitterBufferStats {
  /** Packets that came after their audio had been made up or overtaken. */
  late: number
  duplicates: number
  /** Frames with made-up audio in them. */
  concealed: number
  /** Samples thrown away because more was waiting than the buffer holds. */
  overflowSamples: number
  /** Frames left out of quiet passages to get the delay down. */
  shrunk: number
}

/**
 * Adaptive playout buffer, pulled once every 20 ms. Works on timestamps: reordering, wrap-around, any packet length
 * and gaps need no special case. Delay grows when all packets are held up (the gap is filled, nothing is cut) or when
 * several came too late within seconds; it shrinks by leaving out quiet frames once all packets of the last seconds
 * came early enough. Pure: time comes in with the calls.
 */
export class JitterBuffer {
  readonly #queue: Queued[] = []
  readonly #concealer = new Concealer()
  readonly #floor = new NoiseFloor()
  readonly #waits = new WaitWindow()
  readonly #late = new LateWindow()
  readonly #arrivals = new ArrivalClock()
  readonly #seen = new Int32Array(SEEN_SLOTS).fill(-1)
  readonly #stats: JitterBufferStats = { late: 0, duplicates: 0, concealed: 0, overflowSamples: 0, shrunk: 0 }
  /** Timestamp of the next sample to play, unwrapped; null before the first packet. */
  #cursor: number | null = null
  /** End of the last real audio played. */
  #playedEnd = Number.NEGATIVE_INFINITY
  #newestSequence = -1
  #newestTimestamp = 0
  #newestStart = 0
  #restartSequence = -1
  #lastArrivalMs: number | null = null
  #lastWaitMs = 0
  #lastShrinkMs = Number.NEGATIVE_INFINITY
  #lastPullMs = 0
  /** Frames of delay still to be put in, and since when. */
  #growFrames = 0
  #growSinceMs = 0

  /** Takes a packet's decoded audio. `pcm` is kept, not copied. */
  put(sequenceNumber: number, timestamp: number, pcm: Int16Array, arrivalMs: number): PutResult {
    if (pcm.length === 0) return 'queued'
    const start = this.#unwrap(sequenceNumber, timestamp)
    if (start === null) return 'late'
    const slot = sequenceNumber % SEEN_SLOTS
    if (this.#seen[slot] === sequenceNumber) {
      this.#stats.duplicates++
      return 'duplicate'
    }
    this.#seen[slot] = sequenceNumber
    if (start + pcm.length <= this.#playedEnd) {
      this.#stats.late++
      this.#noteLate(start, arrivalMs)
      return 'late'
    }
    const stampMs = this.#arrivals.stamp(start / SAMPLES_PER_MS, arrivalMs)
    let at = this.#queue.length
    while (at > 0 && (this.#queue[at - 1] as Queued).start > start) at--
    this.#queue.splice(at, 0, { start, pcm, arrivalMs, stampMs, used: false })
    this.#bound()
    return 'queued'
  }

  /** Gives the next 20 ms, always. To be called once a tick. */
  pull(nowMs: number): JitterFrame {
    this.#lastPullMs = nowMs
    this.#place(nowMs)
    const pcm = new Int16Array(FRAME_SAMPLES)
    if (this.#cursor === null) return { pcm, kind: 'silence', arrivalMs: nowMs }
    const silent = this.#concealer.silent
    if (this.#grow(nowMs)) {
      pcm.set(this.#concealer.conceal(FRAME_SAMPLES))
      return this.#finish(pcm, 0, null, nowMs, silent)
    }
    this.#shrink(nowMs)
    let arrivalMs: number | null = null
    let real = 0
    for (let filled = 0; filled < FRAME_SAMPLES; ) {
      const piece = this.#piece(FRAME_SAMPLES - filled)
      if (piece.packet) {
        const offset = this.#cursor - piece.packet.start
        const part = pcm.subarray(filled, filled + piece.length)
        part.set(piece.packet.pcm.subarray(offset, offset + piece.length))
        this.#concealer.good(part)
        if (filled === 0) arrivalMs = piece.packet.stampMs + offset / SAMPLES_PER_MS
        this.#use(piece.packet, nowMs)
        real += piece.length
        this.#playedEnd = this.#cursor + piece.length
      } else {
        pcm.set(this.#concealer.conceal(piece.length), filled)
      }
      filled += piece.length
      this.#cursor += piece.length
    }
    return this.#finish(pcm, real, arrivalMs, nowMs, silent)
  }

  /** Between a packet's arrival and its playout, ms: of the newest packet played. */
  get playoutDelayMs(): number {
    return this.#lastWaitMs
  }

  /** Counters since the start: a copy. */
  stats(): JitterBufferStats {
    return { ...this.#stats }
  }

  /** Starts afresh: another SSRC, another timeline. Counters stay. */
  reset(): void {
    this.#queue.length = 0
    this.#seen.fill(-1)
    this.#waits.clear()
    this.#late.clear()
    this.#arrivals.reset()
    this.#growFrames = 0
    this.#cursor = null
    this.#playedEnd = Number.NEGATIVE_INFINITY
    this.#newestSequence = -1
    this.#restartSequence = -1
  }

  /** Unwraps a timestamp; null for a packet that fits neither this timeline nor yet a new one. */
  #unwrap(sequenceNumber: number, timestamp: number): number | null {
    if (this.#newestSequence >= 0) {
      const ahead = sequenceDistance(this.#newestSequence, sequenceNumber)
      const start = this.#newestStart + timestampDistance(this.#newestTimestamp, timestamp)
      const jumpedBack = this.#newestStart - start > TIMELINE_JUMP_SAMPLES
      if (!jumpedBack) {
        this.#restartSequence = -1
        if (ahead > 0) this.#noteNewest(sequenceNumber, timestamp, start)
        return start
      }
      // One such packet may be a stray; two in a row are a sender that started again (RFC 3550 A.1).
      if (sequenceNumber !== this.#restartSequence) {
        this.#restartSequence = (sequenceNumber + 1) & 0xffff
        this.#stats.late++
        return null
      }
      this.reset()
    }
    this.#noteNewest(sequenceNumber, timestamp, 0)
    return 0
  }

  #noteNewest(sequenceNumber: number, timestamp: number, start: number): void {
    // Slots of sequence numbers passed over must not look seen a wrap-around later.
    if (this.#newestSequence >= 0) {
      const ahead = Math.min(sequenceDistance(this.#newestSequence, sequenceNumber), SEEN_SLOTS)
      for (let i = 1; i < ahead; i++) this.#seen[((this.#newestSequence + i) & 0xffff) % SEEN_SLOTS] = -1
    }
    this.#newestSequence = sequenceNumber
    this.#newestTimestamp = timestamp
    this.#newestStart = start
  }

  #bound(): void {
    // Counts what is really there: a pause between two packets takes no room.
    let held = 0
    for (const packet of this.#queue) held += packet.pcm.length
    while (held > LARGEST_BUFFER_SAMPLES && this.#queue.length > 1) {
      const dropped = this.#queue.shift() as Queued
      held -= dropped.pcm.length
      this.#stats.overflowSamples += dropped.pcm.length
      if (this.#cursor !== null) this.#cursor = Math.max(this.#cursor, (this.#head() as Queued).start)
    }
  }

  #head(): Queued | undefined {
    return this.#queue[0]
  }

  /** Puts the cursor where the head of the queue can be played, if it should be. */
  #place(nowMs: number): void {
    while (this.#queue.length > 0) {
      const head = this.#head() as Queued
      if (head.start + head.pcm.length > this.#playedEnd) break
      this.#queue.shift()
    }
    const head = this.#head()
    if (!head) return
    if (this.#cursor === null) this.#cursor = head.start
    // Only made-up audio lies between the head and the cursor: play the head now and live with more delay.
    else if (head.start < this.#cursor && !head.used) this.#cursor = Math.max(head.start, this.#playedEnd)
    else if (head.start > this.#cursor && nowMs - head.arrivalMs > LONGEST_HOLD_MS) this.#cursor = head.start
  }

  /** A packet came after its turn: by how much, and what it means for the delay. */
  #noteLate(start: number, arrivalMs: number): void {
    if (this.#cursor === null) return
    const dueMs = this.#lastPullMs + FRAME_MS - (this.#cursor - start) / SAMPLES_PER_MS
    const growthMs = this.#late.add(arrivalMs - dueMs, arrivalMs)
    if (growthMs <= 0 || this.#growFrames > 0) return
    this.#growFrames = Math.ceil(growthMs / FRAME_MS)
    this.#growSinceMs = arrivalMs
  }

  /** Whether this tick is spent on making the delay longer: a frame is made up, the audio waits. */
  #grow(nowMs: number): boolean {
    if (this.#growFrames === 0) return false
    if (!this.#quiet() && nowMs - this.#growSinceMs < LONGEST_GROWTH_WAIT_MS) return false
    this.#growFrames--
    return true
  }

  /** Takes one frame out where all packets come early enough to do without its delay. */
  #shrink(nowMs: number): void {
    if (this.#cursor === null || nowMs - this.#lastShrinkMs < SHRINK_INTERVAL_MS) return
    const leastMs = this.#waits.leastMs(nowMs)
    if (leastMs === null || leastMs < FRAME_MS + SPARE_MS) return
    if (leastMs < EXCESSIVE_WAIT_MS && !this.#quiet()) return
    const head = this.#head()
    if (head && head.start <= this.#cursor) {
      // Blend over the cut, as after a gap.
      this.#concealer.conceal(1)
      this.#cursor += FRAME_SAMPLES
      this.#playedEnd = this.#cursor
      for (let first = this.#head(); first && first.start + first.pcm.length <= this.#cursor; first = this.#head()) {
        this.#queue.shift()
      }
    } else {
      this.#cursor = Math.min(this.#cursor + FRAME_SAMPLES, head?.start ?? Number.POSITIVE_INFINITY)
    }
    this.#waits.less(FRAME_MS)
    this.#lastShrinkMs = nowMs
    this.#stats.shrunk++
  }

  #quiet(): boolean {
    const head = this.#head()
    if (!head || head.start > (this.#cursor as number)) return true
    const level = rmsDbfs(head.pcm)
    return level < CERTAINLY_QUIET_DBFS || level < this.#floor.dbfs + QUIET_ABOVE_FLOOR_DB
  }

  /** The next stretch of at most `wanted` samples: from one packet, or a gap. */
  #piece(wanted: number): { packet: Queued | null; length: number } {
    const cursor = this.#cursor as number
    for (;;) {
      const head = this.#head()
      if (!head) return { packet: null, length: wanted }
      const end = head.start + head.pcm.length
      if (end <= cursor) {
        this.#queue.shift()
        continue
      }
      if (head.start > cursor) return { packet: null, length: Math.min(wanted, head.start - cursor) }
      return { packet: head, length: Math.min(wanted, end - cursor) }
    }
  }

  #use(packet: Queued, nowMs: number): void {
    if (packet.used) return
    packet.used = true
    this.#lastWaitMs = nowMs - packet.arrivalMs
    this.#waits.add(this.#lastWaitMs, nowMs)
  }

  #finish(pcm: Int16Array, real: number, arrivalMs: number | null, nowMs: number, silent: boolean): JitterFrame {
    let kind: FrameKind = 'speech'
    if (real < FRAME_SAMPLES) {
      if (silent && real === 0) kind = 'silence'
      else {
        this.#stats.concealed++
        if (real < FRAME_SAMPLES / 2) kind = 'concealed'
      }
    } else {
      this.#floor.push(pcm, RATE_HZ)
    }
    const arrived = arrivalMs ?? Math.min(nowMs, (this.#lastArrivalMs ?? nowMs) + FRAME_MS)
    this.#lastArrivalMs = arrived
    return { pcm, kind, arrivalMs: arrived }
  }
}
