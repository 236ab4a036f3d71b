import { expect } from 'vitest'
import { runBaresip } from '../src/peers/baresip.js'
import { runSipp } from '../src/peers/sipp.js'
import type { CallRecord } from '../src/platform/api.js'
import { clip, track } from '../src/speech/clip.js'
import { testNeeding } from '../src/testing/needing.js'
import { wordErrorRate } from '../src/text/word-error-rate.js'
import { capturedCalls, capturedTurns } from '../src/wire/call-capture.js'
import type { CapturedDatagram } from '../src/wire/pcap.js'
import { heardPcm } from '../src/wire/rtp-timeline.js'
import { expectAgreement } from './agreement.js'
import { api, captured, createAgent, platform } from './scene.js'

const questions = [clip('opening-hours'), clip('book-table'), clip('credit-card')]
const LEAD_MS = 6000
const GAP_MS = 9500
/** Room for an ASR's slips on clean speech at 8 kHz. */
const WORD_ERRORS = 0.25

const audio = track(questions, LEAD_MS, GAP_MS)
const durationMs = audio.length / 8
const timeoutMs = durationMs + 30_000

/** The caller's words, the agent's words and the latencies of a call are what was said, heard and seen. */
async function expectConversation(call: CallRecord, capture: CapturedDatagram[], heard?: Int16Array): Promise<void> {
  expect(call).toMatchObject({ status: 'completed', cause: 'caller_hangup', failures: [] })
  expect(call.turns.length).toBeGreaterThanOrEqual(3)

  const said = call.transcript
    .filter(({ role }) => role === 'caller')
    .map(({ text }) => text)
    .join(' ')
  const wanted = questions.map(({ text }) => text).join(' ')
  expect(wordErrorRate(wanted, said), `said "${wanted}", recorded "${said}"`).toBeLessThanOrEqual(WORD_ERRORS)

  const [media, ...others] = capturedCalls(capture, platform.rtpPorts)
  expect(others).toEqual([])
  if (!media) throw new Error('the capture shows no call')
  const wire = capturedTurns(media)
  expectAgreement(call, wire)

  const spoken = call.transcript.filter(({ role }) => role === 'agent').map(({ text }) => text)
  const sound = heard ?? heardPcm(media.agent)
  const text = await api.transcribe(sound)
  expect(wordErrorRate(spoken.join(' '), text), `recorded "${spoken.join(' ')}", heard "${text}"`).toBeLessThanOrEqual(
    WORD_ERRORS,
  )
  const answers = call.turns.map(({ agent }) => agent?.full_text ?? '')
  expect(answers.every((answer) => answer.trim() !== '')).toBe(true)
}

testNeeding('sipp', 'tcpdump').each([
  ['udp', 'PCMU'],
  ['tcp', 'PCMA'],
] as const)('sipp over %s with %s: three turns are not held, or recorded as others', async (transport, codec) => {
  const user = await createAgent('sipp')
  const { result, capture } = await captured(() =>
    runSipp({
      scenario: 'conversation',
      sipPort: platform.sipPort,
      user,
      transport,
      codec,
      audio,
      durationMs,
      timeoutMs,
    }),
  )
  expect(result, result.log).toMatchObject({ code: 0, succeeded: 1 })
  const call = await api.finishedCall(user)
  expect(call.codec).toBe(codec)
  await expectConversation(call, capture)
})

testNeeding('baresip', 'tcpdump').each([
  ['udp', 'PCMA'],
  ['tcp', 'PCMU'],
] as const)('baresip over %s with %s: three turns are not held, or recorded as others', async (transport, codec) => {
  const user = await createAgent('baresip')
  const { result, capture } = await captured(() =>
    runBaresip({ sipPort: platform.sipPort, user, transport, codec, audio, timeoutMs }),
  )
  const call = await api.finishedCall(user)
  expect(call.codec).toBe(codec)
  const [heard] = result.heard.channels
  expect(result.heard.rateHz).toBe(8000)
  await expectConversation(call, capture, heard)
})
