import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchParent } from './orphan-watch.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('does not live on when npm was killed', () => {
  let parent = 4711
  let orphaned = 0
  watchParent(
    { npm_lifecycle_event: 'start' },
    () => orphaned++,
    () => parent,
  )
  vi.advanceTimersByTime(5000)
  expect(orphaned).toBe(0)
  parent = 1
  vi.advanceTimersByTime(5000)
  expect(orphaned).toBe(1)
})

it('may outlive its parent when it was not started by npm: a daemon', () => {
  let parent = 4711
  let orphaned = 0
  watchParent(
    {},
    () => orphaned++,
    () => parent,
  )
  parent = 1
  vi.advanceTimersByTime(5000)
  expect(orphaned).toBe(0)
})
