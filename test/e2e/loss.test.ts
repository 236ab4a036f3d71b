import { expect, test } from 'vitest'
import { runSipp } from '../src/peers/sipp.js'
import { clip } from '../src/speech/clip.js'
import { testNeeding } from '../src/testing/needing.js'
import { wordErrorRate } from '../src/text/word-error-rate.js'
import { api, createAgent, platform, withCaller } from './scene.js'

testNeeding('sipp')('with 20 % of the SIP packets lost a call does not complete', async () => {
  const user = await createAgent('lossy')
  const calls = { calls: 10, rate: 2, limit: 10, lostPercent: 20 }
  const result = await runSipp({
    scenario: 'short-call',
    sipPort: platform.sipPort,
    user,
    ...calls,
    durationMs: 500,
    timeoutMs: 90_000,
  })
  expect(result, result.log).toMatchObject({ succeeded: 10, failed: 0 })
})

test('with 10 % of the RTP lost and 25 ms of jitter the agent does not understand or answer', async () => {
  const user = await createAgent('lossy')
  await withCaller({ user, codec: 'PCMA', lossPercent: 10, jitterMs: 25, seed: 11 }, async (caller) => {
    await caller.ask(clip('opening-hours'))
    await caller.ask(clip('book-table'))
    await caller.waitForAgentToFinish()
  })
  const call = await api.finishedCall(user)
  const said = call.transcript
    .filter(({ role }) => role === 'caller')
    .map(({ text }) => text)
    .join(' ')
  const wanted = `${clip('opening-hours').text} ${clip('book-table').text}`
  expect(wordErrorRate(wanted, said), `recorded "${said}"`).toBeLessThanOrEqual(0.4)
  expect(call.turns.filter(({ latency_ms }) => latency_ms !== null)).toHaveLength(2)
})
