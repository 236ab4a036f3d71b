import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InferenceError } from './error.js'
import { isRetryableStatus, parseRetryAfterMs, retry } from './retry.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const policy = { attempts: 3, baseDelayMs: 100, maxDelayMs: 1000 }
const never = new AbortController().signal

test('a request that cannot succeed is repeated, or one that could is not', () => {
  expect([400, 401, 404, 413, 422].some(isRetryableStatus)).toBe(false)
  expect([408, 409, 429, 500, 502, 503, 504].every(isRetryableStatus)).toBe(true)
})

test.each([
  ['2', 2000],
  ['0', 0],
  [' 1.5 ', 1500],
  ['Thu, 01 Jan 1970 00:00:05 GMT', 4000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', null],
  ['', null],
  [null, null],
])('Retry-After %j is misread', (header, expected) => {
  expect(parseRetryAfterMs(header, 1000)).toBe(expected)
})

test('the worker is asked again before the time that it named', async () => {
  const seen: number[] = []
  const done = retry(
    async (attempt) => {
      seen.push(Date.now())
      if (attempt === 1) throw new InferenceError('overloaded', '', { retryAfterMs: 700 })
      return 'ok'
    },
    policy,
    never,
  )
  await vi.advanceTimersByTimeAsync(699)
  expect(seen).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(await done).toBe('ok')
})

test('retries go on for ever', async () => {
  let attempts = 0
  const done = retry(
    () => {
      attempts++
      return Promise.reject(new InferenceError('network', 'down'))
    },
    policy,
    never,
  )
  const failed = expect(done).rejects.toMatchObject({ kind: 'network' })
  await vi.runAllTimersAsync()
  await failed
  expect(attempts).toBe(3)
})

test('a bug of ours is retried', async () => {
  let attempts = 0
  const bug = () => {
    attempts++
    return Promise.reject(new TypeError('undefined is not a function'))
  }
  await expect(retry(bug, policy, never)).rejects.toThrow(TypeError)
  expect(attempts).toBe(1)
})

test('an abort waits for the back-off to end', async () => {
  const abort = new AbortController()
  const done = retry(() => Promise.reject(new InferenceError('network', '')), policy, abort.signal)
  const reason = new InferenceError('aborted', 'hung up')
  await vi.advanceTimersByTimeAsync(0)
  abort.abort(reason)
  await expect(done).rejects.toBe(reason)
})
