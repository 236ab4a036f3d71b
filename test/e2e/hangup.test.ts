import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { CallRefusedError, dial, invite } from '../src/caller/dial.js'
import { runSipp } from '../src/peers/sipp.js'
import { testNeeding } from '../src/testing/needing.js'
import { wordErrorRate } from '../src/text/word-error-rate.js'
import { heardPcm, segments } from '../src/wire/rtp-timeline.js'
import { AGENT_JOIN_MS } from '../src/wire/turns.js'
import { api, createAgent, platform, withCaller } from './scene.js'

test("the caller's hang-up in the middle of the greeting is recorded as something else", async () => {
  const user = await createAgent('hangup')
  await withCaller({ user }, async (caller) => {
    await caller.waitForAgentToStart()
    await sleep(800)
  })
  const call = await api.finishedCall(user)
  expect(call).toMatchObject({ status: 'completed', cause: 'caller_hangup', turns: [] })
  expect(call.transcript[0]).toMatchObject({ role: 'agent', kind: 'greeting', interrupted: true })
})

test('the agent hangs up before its last word has played', async () => {
  const goodbye = 'I cannot hear you, so I will hang up now. Goodbye.'
  const user = await createAgent('silent', { no_input: { timeout_ms: 1500, reprompts: [], goodbye } })
  const { heard, lastSoundMs, byeMs } = await withCaller({ user }, async (caller) => {
    await caller.waitForAgentToFinish({ silenceMs: 600 })
    const greeted = performance.now()
    const { atMs } = await caller.waitForBye(20_000)
    const lastSoundMs = segments(caller.received(), AGENT_JOIN_MS).at(-1)?.endMs ?? 0
    return { heard: heardPcm(caller.received(), greeted), lastSoundMs, byeMs: atMs }
  })
  const words = await api.transcribe(heard)
  expect(wordErrorRate(goodbye, words), `heard "${words}"`).toBeLessThanOrEqual(0.3)
  expect(byeMs).toBeGreaterThanOrEqual(lastSoundMs - 20)
  expect(byeMs - lastSoundMs).toBeLessThan(2000)
  expect(await api.finishedCall(user)).toMatchObject({ cause: 'no_input' })
})

test('a hang-up by the API does not end the call', async () => {
  const user = await createAgent('hangup')
  await withCaller({ user }, async (caller) => {
    await caller.waitForAgentToStart()
    const [call] = await api.callsOf(user)
    await api.hangup(call?.id ?? '')
    expect((await caller.waitForBye(15_000)).by).toBe('agent')
  })
  expect(await api.finishedCall(user)).toMatchObject({ cause: 'api_hangup' })
})

test('CANCEL at the first sign of life does not end in 487, or in a call that is torn down', async () => {
  const user = await createAgent('cancel')
  const outcomes: number[] = []
  for (let round = 0; round < 5; round++) {
    const pending = await invite({ sipPort: platform.sipPort, user })
    await pending.trying
    const [cancelled, outcome] = await Promise.all([
      pending.cancel(),
      pending.answered.then(
        (caller) => caller.close().then(() => 200),
        (error: unknown) => (error instanceof CallRefusedError ? error.status : 0),
      ),
    ])
    expect([200, 481]).toContain(cancelled)
    outcomes.push(outcome)
  }
  // An answer may have been quicker than a CANCEL; not every time.
  expect(outcomes.every((status) => status === 487 || status === 200)).toBe(true)
  expect(outcomes).toContain(487)
})

testNeeding('sipp')('sipp: CANCEL does not end in 487', async () => {
  const user = await createAgent('cancel')
  const result = await runSipp({
    scenario: 'cancel',
    sipPort: platform.sipPort,
    user,
    durationMs: 0,
    timeoutMs: 10_000,
  })
  expect(result, result.log).toMatchObject({ code: 0, succeeded: 1 })
})

test('an agent that does not exist is not refused with 404', async () => {
  await expect(dial({ sipPort: platform.sipPort, user: 'nobody-here' })).rejects.toMatchObject({ status: 404 })
})
