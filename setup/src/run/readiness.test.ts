import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ProcessName, ProcessSpec } from './processes.js'
import { waitUntilReady } from './readiness.js'

const spec = (name: ProcessName, readyUrl?: string): ProcessSpec => ({
  name,
  program: '',
  args: [],
  cwd: '',
  env: {},
  graceMs: 0,
  niceness: 0,
  ...(readyUrl && { readyUrl }),
})

describe('readiness', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('ready is not said while the language model still warms up', async () => {
    let warm = false
    let ready = false
    const waited: (readonly ProcessName[])[] = []
    const done = waitUntilReady({
      specs: [spec('redis'), spec('llm', 'llm'), spec('api', 'api')],
      signal: new AbortController().signal,
      onWaiting: (names) => waited.push(names),
      probe: async (url) => url === 'api' || warm,
    }).then(() => {
      ready = true
    })
    await vi.advanceTimersByTimeAsync(12_000)
    expect(ready).toBe(false)
    expect(waited).toEqual([['llm'], ['llm']])
    warm = true
    await vi.advanceTimersByTimeAsync(1_000)
    await done
  })

  it('one that died after it was ready is waited for again', async () => {
    const answers: Record<string, boolean[]> = { speech: [true, false, true], llm: [false, true, true] }
    const probe = vi.fn(async (url: string) => answers[url]?.shift() ?? false)
    const done = waitUntilReady({
      specs: [spec('speech', 'speech'), spec('llm', 'llm')],
      signal: new AbortController().signal,
      onWaiting: () => {},
      probe,
    })
    await vi.advanceTimersByTimeAsync(1_000)
    await done
    expect(probe).toHaveBeenCalledTimes(6)
  })

  it('Ctrl-C while waiting ends the wait', async () => {
    const stop = new AbortController()
    const done = waitUntilReady({
      specs: [spec('llm', 'llm')],
      signal: stop.signal,
      onWaiting: () => {},
      probe: async () => false,
    })
    const outcome = expect(done).rejects.toThrow('abort')
    await vi.advanceTimersByTimeAsync(300)
    stop.abort()
    await outcome
  })
})
