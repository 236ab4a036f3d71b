import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDeadline } from './deadline.js'
import { InferenceError } from './error.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a wait has no end', () => {
  const deadline = createDeadline()
  deadline.arm(100, 'answer')
  vi.advanceTimersByTime(99)
  expect(deadline.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(deadline.signal.reason).toMatchObject({ kind: 'timeout', message: 'no answer within 100 ms' })
})

test('an earlier wait cuts a later one short', () => {
  const deadline = createDeadline()
  deadline.arm(100, 'first')
  vi.advanceTimersByTime(90)
  deadline.arm(100, 'second')
  vi.advanceTimersByTime(90)
  deadline.disarm()
  vi.advanceTimersByTime(1000)
  expect(deadline.signal.aborted).toBe(false)
})

test('the hang-up of a call does not reach its requests', () => {
  const call = new AbortController()
  const deadline = createDeadline(call.signal)
  deadline.arm(100, 'answer')
  call.abort()
  expect(deadline.signal.reason).toMatchObject({ kind: 'aborted', retryable: false })
  expect(vi.getTimerCount()).toBe(0)
  expect(createDeadline(call.signal).signal.aborted).toBe(true)
})

test('the owner’s reason is lost', () => {
  const reason = new InferenceError('overloaded', 'shed')
  expect(createDeadline(AbortSignal.abort(reason)).signal.reason).toBe(reason)
})

test('a request that is over leaves its timer, or its listener on the call, behind', () => {
  const call = new AbortController()
  const removed = vi.spyOn(call.signal, 'removeEventListener')
  const deadline = createDeadline(call.signal)
  deadline.arm(100, 'answer')
  deadline.close()
  expect(vi.getTimerCount()).toBe(0)
  expect(removed).toHaveBeenCalledOnce()
  call.abort()
  expect(deadline.signal.aborted).toBe(false)
})
