import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runSipp } from '../src/peers/sipp.js'
import { clip } from '../src/speech/clip.js'
import { testNeeding } from '../src/testing/needing.js'
import { wordErrorRate } from '../src/text/word-error-rate.js'
import { api, createAgent, platform, withCaller } from './scene.js'

test('the agent sends on hold, or does not hear the caller after it', async () => {
  const user = await createAgent('hold')
  await withCaller({ user }, async (caller) => {
    await caller.waitForAgentToFinish()
    expect((await caller.hold()).direction).toBe('recvonly')
    await sleep(300)
    const before = caller.received().length
    await sleep(3000)
    expect(caller.received().length - before).toBeLessThanOrEqual(2)
    expect((await caller.resume()).direction).toBe('sendrecv')
    await sleep(500)
    const { lastVoicedMs } = await caller.say(clip('opening-hours'))
    await caller.waitForAgentToStart({ sinceMs: lastVoicedMs })
    await caller.waitForAgentToFinish()
  })
  const call = await api.finishedCall(user)
  expect(wordErrorRate(clip('opening-hours').text, call.turns[0]?.caller?.text ?? '')).toBeLessThanOrEqual(0.3)
  const held = (await api.events(call.id)).flatMap(({ event }) => (event.type === 'call.held' ? [event.held] : []))
  expect(held).toEqual([true, false])
})

testNeeding('sipp').each(['udp', 'tcp'] as const)(
  'sipp over %s: hold and resume are answered with other directions',
  async (transport) => {
    const user = await createAgent('hold')
    const result = await runSipp({
      scenario: 'hold',
      sipPort: platform.sipPort,
      user,
      transport,
      durationMs: 500,
      timeoutMs: 20_000,
    })
    expect(result, result.log).toMatchObject({ code: 0, succeeded: 1 })
  },
)
