import { describe, expect, it } from 'vitest'
import { type Backoff, decideRestart, HOPELESS_AFTER, STABLE_RUN_MS } from './backoff.js'

function die(times: number, ranMs: number, from: Backoff = { failures: 0 }) {
  let decision = decideRestart(from, ranMs)
  for (let n = 1; n < times; n += 1) decision = decideRestart(decision.backoff, ranMs)
  return decision
}

describe('restart', () => {
  it('a process that dies once is back within a second', () => {
    expect(die(1, 5_000).delayMs).toBeLessThanOrEqual(1_000)
  })

  it('a process that dies at every start does not burn the processor', () => {
    expect(die(20, 100).delayMs).toBe(30_000)
  })

  it('one that dies once an hour is not punished for last month', () => {
    expect(die(1, STABLE_RUN_MS, { failures: 9 }).delayMs).toBe(500)
  })

  it('the person is told what to do once, not at every death', () => {
    expect(die(HOPELESS_AFTER - 1, 100).hopeless).toBe(false)
    expect(die(HOPELESS_AFTER, 100).hopeless).toBe(true)
    expect(die(HOPELESS_AFTER + 1, 100).hopeless).toBe(false)
  })
})
