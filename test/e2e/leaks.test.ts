import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { runSipp } from '../src/peers/sipp.js'
import { testNeeding } from '../src/testing/needing.js'
import { api, createAgent, platform } from './scene.js'

const CALLS = 100
const SETTLE_LIMIT_MS = 60_000

type Counts = Record<string, number>

/** What media itself counts, and what the system says its and signaling's processes hold open. */
async function counts(): Promise<Counts> {
  const own = (await (await fetch(`${platform.mediaUrl}/debug/counts`)).json()) as Counts
  const open = async (name: string) => {
    const pid = platform.pids[name]
    if (pid === undefined) throw new Error(`the state file has no process id of ${name}`)
    return (await readdir(`/proc/${pid}/fd`)).length
  }
  return { ...own, mediaFiles: await open('media'), signalingFiles: await open('signaling') }
}

/** The most of each within two seconds: what is open for a moment counts as usual. */
async function usualCounts(): Promise<Counts> {
  const usual: Counts = {}
  for (let sample = 0; sample < 8; sample++) {
    for (const [name, count] of Object.entries(await counts())) usual[name] = Math.max(usual[name] ?? 0, count)
    await sleep(250)
  }
  return usual
}

testNeeding('sipp')('after 100 short calls a socket, timer, port or worker stream is left', async () => {
  const user = await createAgent('short')
  // Connections that are kept for the next call are made by the first ones.
  const call = { scenario: 'short-call', sipPort: platform.sipPort, user, durationMs: 400 } as const
  await runSipp({ ...call, calls: 8, rate: 4, limit: 8, timeoutMs: 30_000 })
  await sleep(8000)
  const before = await usualCounts()
  const result = await runSipp({ ...call, calls: CALLS, rate: 5, limit: 10, timeoutMs: 120_000 })
  expect(result, result.log).toMatchObject({ code: 0, succeeded: CALLS, failed: 0 })

  const limit = performance.now() + SETTLE_LIMIT_MS
  let after = await counts()
  while (!settled(before, after) && performance.now() < limit) {
    await sleep(1000)
    after = await counts()
  }
  expect(settled(before, after), `before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`).toBe(true)

  const calls = await api.callsOf(user)
  expect(calls).toHaveLength(100)
  expect(calls.filter(({ status }) => status !== 'completed')).toEqual([])
})

/** Nothing is higher than it was; kept connections may have gone down. */
function settled(before: Counts, after: Counts): boolean {
  return Object.entries(after).every(([name, count]) => count <= (before[name] ?? 0))
}
