import type { Clock } from '../transaction/clock.js'

/** A clock that moves only when told. */
export interface VirtualClock extends Clock {
  /** Moves on by `ms`, firing what falls due in its order. */
  advance(ms: number): void
  readonly pending: number
}

export function createVirtualClock(): VirtualClock {
  let now = 0
  let lastId = 0
  const timers = new Map<number, { atMs: number; fn: () => void }>()
  return {
    nowMs: () => now,
    after(delayMs, fn) {
      const id = ++lastId
      timers.set(id, { atMs: now + Math.max(0, delayMs), fn })
      return () => void timers.delete(id)
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        let next: [number, { atMs: number; fn: () => void }] | undefined
        for (const entry of timers) if (entry[1].atMs <= end && (!next || entry[1].atMs < next[1].atMs)) next = entry
        if (!next) break
        timers.delete(next[0])
        now = next[1].atMs
        next[1].fn()
      }
      now = end
    },
    get pending() {
      return timers.size
    },
  }
}
