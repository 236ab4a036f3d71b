import { beforeEach, expect, test } from 'vitest'
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.js'
import { InferenceError, type InferenceErrorKind } from './error.js'

let nowMs = 0
let breaker: CircuitBreaker

beforeEach(() => {
  nowMs = 0
  breaker = createCircuitBreaker({ failures: 3, openMs: 1000, nowMs: () => nowMs })
})

function fail(kind: InferenceErrorKind): void {
  breaker.enter().failed(new InferenceError(kind, kind))
}

test('a worker that fails every time is still asked', () => {
  for (const kind of ['network', 'timeout', 'bad_response'] as const) fail(kind)
  nowMs = 400
  expect(breaker.state).toBe('open')
  expect(() => breaker.enter()).toThrow(expect.objectContaining({ kind: 'overloaded', retryAfterMs: 600 }))
})

test('a worker that only refuses, or callers that hang up, open the circuit', () => {
  for (let i = 0; i < 10; i++) for (const kind of ['refused', 'aborted', 'overloaded'] as const) fail(kind)
  expect(breaker.state).toBe('closed')
})

test('failures far apart add up', () => {
  for (let i = 0; i < 10; i++) {
    fail('network')
    fail('network')
    breaker.enter().succeeded()
  }
  expect(breaker.state).toBe('closed')
})

test('a worker that comes back is flooded: one request probes it', () => {
  for (let i = 0; i < 3; i++) fail('network')
  nowMs = 1000
  expect(breaker.state).toBe('half_open')
  const probe = breaker.enter()
  expect(() => breaker.enter()).toThrow(InferenceError)
  probe.succeeded()
  expect(breaker.state).toBe('closed')
  breaker.enter()
})

test('a probe that fails opens the circuit again; one that was aborted makes room for another', () => {
  for (let i = 0; i < 3; i++) fail('network')
  nowMs = 1000
  breaker.enter().failed(new InferenceError('timeout', ''))
  expect(breaker.state).toBe('open')
  nowMs = 2000
  const probe = breaker.enter()
  probe.failed(new InferenceError('aborted', ''))
  probe.failed(new InferenceError('network', ''))
  expect(breaker.state).toBe('half_open')
  breaker.enter().succeeded()
  expect(breaker.state).toBe('closed')
})
