import { describe, expect, it } from 'vitest'
import { Pacer, type PacerClock, TICK_MS } from './pacer.js'

/** Virtual time with one pending timer; the timer may be made to fire late or early. */
function virtualClock() {
  let nowMs = 1000.25
  let pending: { callback: () => void; atMs: number } | null = null
  const clock: PacerClock = {
    now: () => nowMs,
    schedule(callback, delayMs) {
      if (pending) throw new Error('a second timer')
      const mine = { callback, atMs: nowMs + delayMs }
      pending = mine
      return () => {
        if (pending === mine) pending = null
      }
    },
  }
  return {
    clock,
    /** Runs timers up to a time, each `lateMs` after it is due. */
    runTo(untilMs: number, lateMs: () => number = () => 0) {
      while (pending && pending.atMs <= untilMs) {
        const { callback, atMs } = pending
        pending = null
        nowMs = Math.max(nowMs, atMs + lateMs())
        callback()
      }
      nowMs = Math.max(nowMs, untilMs)
    },
    stall(ms: number) {
      nowMs += ms
    },
    pending: () => pending !== null,
  }
}

describe('pacer', () => {
  it('ticks every 20 ms from 0, for an hour, without drift though each timer is late', () => {
    const time = virtualClock()
    const pacer = new Pacer({ clock: time.clock })
    let ticks = 0
    let outOfOrder = 0
    const handle = pacer.add((tick) => {
      if (tick !== ticks++) outOfOrder++
    })
    let seed = 7
    time.runTo(1000 + 3_600_000, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return (seed >>> 16) % 8
    })
    expect(outOfOrder).toBe(0)
    expect(ticks).toBe(Math.floor((1000 + 3_600_000 - handle.zeroMs) / TICK_MS) + 1)
    handle.remove()
  })

  it('spreads calls evenly over four phases 5 ms apart', () => {
    const time = virtualClock()
    const pacer = new Pacer({ clock: time.clock })
    const zeros = Array.from({ length: 8 }, () => pacer.add(() => {}).zeroMs)
    const phases = zeros.map((zero) => Math.round((zero - (zeros[0] as number) + 40) % 20))
    expect([...phases].sort((a, b) => a - b)).toEqual([0, 0, 5, 5, 10, 10, 15, 15])
  })

  it('has no timer when no call is up', () => {
    const time = virtualClock()
    const pacer = new Pacer({ clock: time.clock })
    expect(time.pending()).toBe(false)
    const handles = [pacer.add(() => {}), pacer.add(() => {})]
    expect(time.pending()).toBe(true)
    for (const handle of handles) handle.remove()
    for (const handle of handles) handle.remove()
    expect(time.pending()).toBe(false)
    expect(pacer.size).toBe(0)
  })

  it('catches up at most three ticks after a stall and skips the numbers of the rest', () => {
    const time = virtualClock()
    const pacer = new Pacer({ clock: time.clock })
    const ticks: number[] = []
    pacer.add((tick) => ticks.push(tick))
    time.runTo(1100)
    const before = ticks.length
    time.stall(1000)
    time.runTo(2100)
    const after = ticks.slice(before)
    expect((after[0] as number) - (ticks[before - 1] as number)).toBeGreaterThan(40)
    expect(after.length).toBeLessThanOrEqual(3)
    expect(pacer.lateness().skippedTicks).toBeGreaterThan(40)
  })

  it('lets a call leave in its own tick, and another call in the same round', () => {
    const time = virtualClock()
    const pacer = new Pacer({ clock: time.clock })
    const heard: string[] = []
    const handles = Array.from({ length: 5 }, (_, i) =>
      pacer.add((tick) => {
        heard.push(`${i}:${tick}`)
        if (i === 0 && tick === 1) for (const handle of handles) handle.remove()
      }),
    )
    time.runTo(1500)
    expect(heard.filter((entry) => entry.startsWith('4')).length).toBeLessThanOrEqual(2)
    expect(pacer.size).toBe(0)
    expect(time.pending()).toBe(false)
  })

  it('goes on with the other calls when one throws', () => {
    const time = virtualClock()
    const errors: unknown[] = []
    const pacer = new Pacer({ clock: time.clock, onError: (error) => errors.push(error) })
    let ticks = 0
    pacer.add(() => {
      throw new Error('boom')
    })
    pacer.add(() => ticks++)
    time.runTo(1200)
    expect(ticks).toBeGreaterThan(8)
    expect(errors.length).toBeGreaterThan(8)
  })

  it('starts a call that comes late within 20 ms, at its own tick 0', () => {
    const time = virtualClock()
    const pacer = new Pacer({ clock: time.clock })
    pacer.add(() => {})
    time.runTo(1503)
    const handle = pacer.add((tick) => {
      if (tick === 0) expect(time.clock.now()).toBeGreaterThanOrEqual(handle.zeroMs - 1)
    })
    expect(handle.zeroMs - time.clock.now()).toBeGreaterThan(0)
    expect(handle.zeroMs - time.clock.now()).toBeLessThanOrEqual(20)
  })

  it('keeps a histogram of how late ticks ran', () => {
    const time = virtualClock()
    const pacer = new Pacer({ clock: time.clock })
    pacer.add(() => {})
    time.runTo(2000, () => 3)
    const { counts, ticks, maxMs, boundsMs } = pacer.lateness()
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ticks)
    expect(counts[boundsMs.indexOf(5)]).toBeGreaterThan(ticks - 3)
    expect(maxMs).toBeCloseTo(3, 1)
  })
})
