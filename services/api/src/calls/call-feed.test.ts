import { describe, expect, it } from 'vitest'
import { createCallFeed } from './call-feed.js'

describe('call feed', () => {
  it('wakes only those who wait for this call', async () => {
    const feed = createCallFeed()
    const never = new AbortController().signal
    let woken = 0
    const mine = feed.wait('a', 60_000, never).then(() => {
      woken += 1
    })
    const leaving = new AbortController()
    const other = feed.wait('b', 60_000, leaving.signal).then(() => {
      woken += 10
    })
    feed.announce(['a'])
    await mine
    expect(woken).toBe(1)
    leaving.abort()
    await other
    expect(woken).toBe(11)
  })

  it('does not wait when its watcher has gone already, nor for ever', async () => {
    const feed = createCallFeed()
    await feed.wait('a', 60_000, AbortSignal.abort())
    await feed.wait('a', 1, new AbortController().signal)
  })
})
