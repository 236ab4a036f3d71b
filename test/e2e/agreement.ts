import { expect } from 'vitest'
import type { CallRecord } from '../src/platform/api.js'
import type { WireTurn } from '../src/wire/turns.js'

/** How far a recorded latency may be from the one on the wire. */
const AGREEMENT_MS = 20

/** Every turn's stages sum to its latency, and the wire shows the same turns with the same latencies. */
export function expectAgreement(call: CallRecord, wire: WireTurn[]): void {
  const answered = call.turns.filter(({ latency_ms }) => latency_ms !== null)
  for (const { stages, latency_ms } of answered) {
    const sum = Object.values(stages ?? {}).reduce((total, ms) => total + ms, 0)
    expect(Math.abs(sum - (latency_ms ?? 0)), JSON.stringify(stages)).toBeLessThan(0.5)
  }
  const told = answered.map(({ latency_ms }) => Math.round(latency_ms ?? 0))
  const seen = wire.map(({ latencyMs }) => Math.round(latencyMs))
  const message = `recorded ${told.join(', ')} ms; on the wire ${seen.join(', ')} ms`
  expect(seen.length, message).toBe(told.length)
  told.forEach((ms, index) => {
    expect(Math.abs(ms - (seen[index] ?? Number.NaN)), message).toBeLessThanOrEqual(AGREEMENT_MS)
  })
}
