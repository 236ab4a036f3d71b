import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { familyOf } from '../src/platform/process-table.js'
import { clip } from '../src/speech/clip.js'
import { wordErrorRate } from '../src/text/word-error-rate.js'
import { heardPcm } from '../src/wire/rtp-timeline.js'
import { api, createAgent, platform, UNHURRIED, withCaller } from './scene.js'

const EXCUSE = 'Sorry, something went wrong on my side. Could you say that again?'
const EXCUSE_LIMIT_MS = 2000
const RESTART_LIMIT_MS = 150_000

async function modelAnswers(): Promise<boolean> {
  try {
    const body = JSON.stringify({ model: 'default', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 2 })
    const headers = { 'content-type': 'application/json' }
    const limit = AbortSignal.timeout(5000)
    const response = await fetch(`${platform.httpUrl}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body,
      signal: limit,
    })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

test('vLLM killed in mid-turn leaves the caller in silence, or ends the call', async () => {
  const user = await createAgent('failing', {
    failures: { ...UNHURRIED, excuse: EXCUSE, tolerated: 10 },
    turn_taking: { max_delay_ms: 800 },
  })
  const { waitedMs, heard } = await withCaller({ user }, async (caller) => {
    await caller.ask(clip('opening-hours'))
    await caller.waitForAgentToFinish()
    const { lastVoicedMs } = await caller.say(clip('book-table'))
    const pid = platform.pids.llm
    if (pid === undefined) throw new Error('the state file has no process id of llm')
    for (const member of familyOf(pid)) process.kill(member.pid, 'SIGKILL')
    const killedMs = performance.now()
    const startedMs = await caller.waitForAgentToStart({ sinceMs: lastVoicedMs, timeoutMs: 10_000 })
    await caller.waitForAgentToFinish()
    const heard = heardPcm(caller.received(), lastVoicedMs)

    const limit = performance.now() + RESTART_LIMIT_MS
    while (!(await modelAnswers())) {
      if (performance.now() > limit) throw new Error('vLLM was not started again')
      await sleep(3000)
    }
    const again = await caller.say(clip('credit-card'))
    await caller.waitForAgentToStart({ sinceMs: again.lastVoicedMs })
    await caller.waitForAgentToFinish()
    return { waitedMs: startedMs - killedMs, heard }
  })
  expect(waitedMs).toBeLessThanOrEqual(EXCUSE_LIMIT_MS)
  const words = await api.transcribe(heard)
  expect(wordErrorRate(EXCUSE, words), `heard "${words}"`).toBeLessThanOrEqual(0.3)

  const call = await api.finishedCall(user)
  expect(call.status).toBe('completed')
  expect(call.transcript.map(({ kind }) => kind)).toContain('excuse')
  expect(call.failures.map(({ component }) => component)).toContain('llm')
  const last = call.turns.at(-1)
  expect(wordErrorRate(clip('credit-card').text, last?.caller?.text ?? '')).toBeLessThanOrEqual(0.3)
  expect(last?.agent?.text).toBeTruthy()
  expect(call.transcript.at(-1)?.kind).toBe('reply')
})
