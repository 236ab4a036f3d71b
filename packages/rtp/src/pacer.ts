import { createLateness, type Lateness, recordLateness } from './lateness.js'

/** One tick of a call, ms: the audio frame everything in the process works in. */
export const TICK_MS = 20
const PHASES = 4
const PHASE_MS = TICK_MS / PHASES
/** Ticks a call may catch up in one go; what is older is skipped and its tick numbers with it. */
const LARGEST_CATCH_UP = 3
/** Node's timers count whole milliseconds and may fire this much early: such a tick is run, not waited for again. */
const EARLY_MS = 1

/** Where a pacer gets its time from; tests put a virtual one in its place. */
export interface PacerClock {
  /** Monotonic milliseconds with a fraction. */
  now(): number
  /** Calls back once after `delayMs`; the answer cancels. */
  schedule(callback: () => void, delayMs: number): () => void
}

const systemClock: PacerClock = {
  now: () => performance.now(),
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

export interface PacerOptions {
  clock?: PacerClock
  /** Told when a call's tick throws; the call stays in, the others are not disturbed. Default: a process warning. */
  onError?: (error: unknown) => void
}

/** A call's place on the wheel. */
export interface PacerHandle {
  /** When tick 0 is due, on the pacer's clock; tick n is due `n * TICK_MS` later. */
  readonly zeroMs: number
  /** Leaves the wheel; no further tick follows, not even in the round that is running. */
  remove(): void
}

interface Member {
  onTick: (tick: number) => void
  zeroMs: number
  /** Number of the next tick. */
  next: number
  removed: boolean
}

/**
 * One timer for all calls. Each call ticks every 20 ms on one of four phases 5 ms apart, so that calls do not all
 * send in the same instant. Deadlines come from a monotonic clock, not from the previous tick, so there is no drift.
 * With no calls there is no timer.
 */
export class Pacer {
  readonly #clock: PacerClock
  readonly #onError: (error: unknown) => void
  readonly #phases: Member[][] = Array.from({ length: PHASES }, () => [])
  readonly #lateness = createLateness()
  #originMs = 0
  #cancel: (() => void) | null = null
  #running = false
  #members = 0

  constructor(options: PacerOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#onError = options.onError ?? ((error) => process.emitWarning(`call tick failed: ${String(error)}`))
  }

  /** Monotonic milliseconds: the clock that `PacerHandle.zeroMs` is on. */
  now(): number {
    return this.#clock.now()
  }

  /** Number of calls on the wheel. */
  get size(): number {
    return this.#members
  }

  /**
   * Puts a call on the emptiest phase. `onTick` gets 0, 1, 2 … every 20 ms, the first within 20 ms. Numbers are left
   * out when the process stood still, so that `zeroMs + tick * 20` is always about now.
   */
  add(onTick: (tick: number) => void): PacerHandle {
    const now = this.#clock.now()
    if (this.#members === 0) this.#originMs = now
    let phase = 0
    for (let i = 1; i < PHASES; i++) {
      if ((this.#phases[i] as Member[]).length < (this.#phases[phase] as Member[]).length) phase = i
    }
    const phaseStartMs = this.#originMs + phase * PHASE_MS
    const rounds = Math.max(0, Math.floor((now - phaseStartMs) / TICK_MS) + 1)
    const member: Member = { onTick, zeroMs: phaseStartMs + rounds * TICK_MS, next: 0, removed: false }
    const members = this.#phases[phase] as Member[]
    members.push(member)
    this.#members++
    this.#arm()
    return {
      zeroMs: member.zeroMs,
      remove: () => {
        if (member.removed) return
        member.removed = true
        this.#members--
        members.splice(members.indexOf(member), 1)
        if (this.#members === 0) this.#disarm()
      },
    }
  }

  /** How late ticks have run since the start: a copy. */
  lateness(): Lateness {
    return { ...this.#lateness, counts: [...this.#lateness.counts] }
  }

  #arm(): void {
    if (this.#running) return
    this.#disarm()
    let due = Number.POSITIVE_INFINITY
    for (const members of this.#phases) for (const member of members) due = Math.min(due, dueMs(member))
    if (due === Number.POSITIVE_INFINITY) return
    this.#cancel = this.#clock.schedule(() => this.#run(), Math.max(0, due - this.#clock.now()))
  }

  #disarm(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #run(): void {
    this.#cancel = null
    this.#running = true
    try {
      for (const members of this.#phases) {
        // A copy, because a tick may end its own call or another.
        for (const member of members.slice()) this.#tick(member)
      }
    } finally {
      this.#running = false
      this.#arm()
    }
  }

  #tick(member: Member): void {
    const now = this.#clock.now()
    if (member.removed || now < dueMs(member) - EARLY_MS) return
    let due = Math.floor((now + EARLY_MS - dueMs(member)) / TICK_MS) + 1
    if (due > LARGEST_CATCH_UP) {
      const skipped = due - LARGEST_CATCH_UP
      member.next += skipped
      this.#lateness.skippedTicks += skipped
      due = LARGEST_CATCH_UP
    }
    for (; due > 0 && !member.removed; due--) {
      recordLateness(this.#lateness, now - dueMs(member))
      const tick = member.next++
      try {
        member.onTick(tick)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}

function dueMs(member: Member): number {
  return member.zeroMs + member.next * TICK_MS
}
