import { expect, it } from 'vitest'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { beginReliableResponse, stepReliableResponse } from './reliable-response.js'
import { runMachine } from './runner.js'
import { RFC_TIMING } from './timing.js'

function watch(provisional: boolean) {
  const clock = createVirtualClock()
  const sentAtMs: number[] = []
  let timedOutAtMs: number | undefined
  const runner = runMachine(
    clock,
    { state: beginReliableResponse('200', provisional, 0, RFC_TIMING), effects: [] },
    stepReliableResponse,
    (effect) => {
      if (effect.kind === 'send') sentAtMs.push(clock.nowMs())
      else if (effect.kind === 'timeout') timedOutAtMs = clock.nowMs()
    },
  )
  runner.start()
  return { clock, runner, sentAtMs, timedOut: () => timedOutAtMs }
}

it('§13.3.1.4 repeats a 2xx at T1, doubling to T2, and gives up after 64*T1', () => {
  const { clock, sentAtMs, timedOut } = watch(false)
  clock.advance(60_000)
  expect(sentAtMs).toEqual([500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
  expect(timedOut()).toBe(32_000)
  expect(clock.pending).toBe(0)
})

it('§13.3.1.4 stops at the ACK', () => {
  const { clock, runner, sentAtMs, timedOut } = watch(false)
  clock.advance(1600)
  runner.feed({ type: 'acknowledged' })
  clock.advance(60_000)
  expect(sentAtMs).toEqual([500, 1500])
  expect(timedOut()).toBeUndefined()
  expect(clock.pending).toBe(0)
})

it('RFC 3262 §3 a provisional response doubles without T2', () => {
  const { clock, sentAtMs, timedOut } = watch(true)
  clock.advance(60_000)
  expect(sentAtMs).toEqual([500, 1500, 3500, 7500, 15_500, 31_500])
  expect(timedOut()).toBe(32_000)
})
