import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { clip } from '../src/speech/clip.js'
import { wordErrorRate } from '../src/text/word-error-rate.js'
import { heardPcm, segments } from '../src/wire/rtp-timeline.js'
import { AGENT_JOIN_MS, stopLatencyMs } from '../src/wire/turns.js'
import { api, createAgent, withCaller } from './scene.js'

const GREETING =
  'Welcome to our restaurant in the old town. We serve fresh pasta, fish from the market, and wine from our own hills. ' +
  'Our kitchen is open every evening, and on Sunday we also serve lunch. Please tell me what I can do for you today.'
/** From the caller's first voiced sample to the agent's silence: the agent's interrupt_after_ms and what detects it. */
const STOP_LIMIT_MS = 900

test('a caller who talks over the greeting does not silence it, or history tells more than was heard', async () => {
  const user = await createAgent('barge-in', { greeting: GREETING })
  const { stopMs, heard } = await withCaller({ user }, async (caller) => {
    await caller.waitForAgentToStart()
    await sleep(3000)
    const { firstVoicedMs, lastVoicedMs } = await caller.say(clip('stop-question'))
    const agent = segments(caller.received(), AGENT_JOIN_MS)
    const stopMs = stopLatencyMs(agent, firstVoicedMs, performance.now())
    const heard = heardPcm(caller.received(), 0, lastVoicedMs)
    await caller.waitForAgentToStart({ sinceMs: lastVoicedMs })
    await caller.waitForAgentToFinish()
    return { stopMs, heard }
  })
  expect(stopMs).not.toBeNull()
  expect(stopMs).toBeGreaterThan(0)
  expect(stopMs).toBeLessThan(STOP_LIMIT_MS)

  const call = await api.finishedCall(user)
  const greeting = call.transcript.find(({ kind }) => kind === 'greeting')
  expect(greeting).toMatchObject({ interrupted: true, full_text: GREETING })
  expect(GREETING.startsWith(greeting?.text ?? '-'), greeting?.text).toBe(true)
  expect(call.interruptions.map(({ outcome }) => outcome)).toContain('barge_in')
  // The last word may be cut in the middle; history counts whole words only.
  const words = await api.transcribe(heard)
  expect(
    wordErrorRate(greeting?.text ?? '', words),
    `history "${greeting?.text}", heard "${words}"`,
  ).toBeLessThanOrEqual(0.3)
  expect(call.turns[0]?.latency_ms).not.toBeNull()
})

test('an answer that is interrupted is not cut in the record, or the caller is not answered again', async () => {
  const user = await createAgent('barge-in', {
    instructions: 'You answer the telephone of a restaurant. Tell long stories with many details.',
    generation: { temperature: 0, max_tokens: 80 },
  })
  await withCaller({ user }, async (caller) => {
    const { answeredMs } = await caller.ask(clip('tell-everything'))
    await sleep(Math.max(0, answeredMs + 1500 - performance.now()))
    const { lastVoicedMs } = await caller.say(clip('stop-question'))
    await caller.waitForAgentToStart({ sinceMs: lastVoicedMs + 100 })
    await caller.waitForAgentToFinish()
  })
  const call = await api.finishedCall(user)
  expect(call.turns.length).toBeGreaterThanOrEqual(2)
  const [first, second] = call.turns
  expect(first?.agent).toMatchObject({ interrupted: true })
  expect(first?.agent?.text.length).toBeLessThan(first?.agent?.full_text.length ?? 0)
  expect(second?.agent?.text).toBeTruthy()
})

test.each(['mhm', 'cough'])('a %s over the agent ends its speech', async (name) => {
  const greeting =
    'Welcome to the restaurant Bella Vista in the old town. Our kitchen is open every evening until eleven. Please tell me what I can do for you.'
  const user = await createAgent('backchannel', { greeting })
  const heard = await withCaller({ user }, async (caller) => {
    await caller.waitForAgentToStart()
    await sleep(2500)
    await caller.say(clip(name))
    await caller.waitForAgentToFinish({ silenceMs: 3000 })
    return heardPcm(caller.received())
  })
  const call = await api.finishedCall(user)
  expect(call.transcript.filter(({ role }) => role === 'agent')).toHaveLength(1)
  expect(call.transcript.find(({ kind }) => kind === 'greeting')).toMatchObject({ interrupted: false, text: greeting })
  const words = await api.transcribe(heard)
  expect(wordErrorRate(greeting, words), `heard "${words}"`).toBeLessThanOrEqual(0.25)
})
