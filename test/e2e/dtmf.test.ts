import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { segments } from '../src/wire/rtp-timeline.js'
import { AGENT_JOIN_MS, stopLatencyMs } from '../src/wire/turns.js'
import { api, createAgent, withCaller } from './scene.js'

test.each([0, 20])(
  'with %d percent of RTP lost the digits 4 0 7 # are not one entry, each digit once',
  async (lossPercent) => {
    const user = await createAgent('dtmf')
    await withCaller({ user, lossPercent, seed: 5 }, async (caller) => {
      await caller.waitForAgentToFinish()
      await caller.press('407#')
      await caller.waitForAgentToStart()
      await caller.waitForAgentToFinish()
    })
    const call = await api.finishedCall(user)
    const entries = call.transcript.filter(({ kind }) => kind === 'dtmf')
    expect(entries.map(({ text }) => text)).toEqual(['407'])
    expect(call.turns[0]?.agent?.text).toBeTruthy()
    const events = await api.events(call.id)
    const digits = events.flatMap(({ event }) => (event.type === 'dtmf' ? [event.digit] : []))
    expect(digits.join('').replace('#', '')).toBe('407')
  },
)

test('a digit does not silence the agent', async () => {
  const greeting =
    'Please press one for a table, two for the kitchen, three for the office, or stay on the line to talk to us about anything else.'
  const user = await createAgent('dtmf', { greeting })
  const stopMs = await withCaller({ user }, async (caller) => {
    await caller.waitForAgentToStart()
    await sleep(1500)
    const pressedMs = performance.now()
    await caller.press('2')
    await sleep(1200)
    return stopLatencyMs(segments(caller.received(), AGENT_JOIN_MS), pressedMs, performance.now())
  })
  expect(stopMs).not.toBeNull()
  expect(stopMs).toBeLessThan(700)
})
