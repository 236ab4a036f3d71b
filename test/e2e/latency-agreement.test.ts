import { expect } from 'vitest'
import { clip } from '../src/speech/clip.js'
import { testNeeding } from '../src/testing/needing.js'
import { capturedCalls, capturedTurns } from '../src/wire/call-capture.js'
import { expectAgreement } from './agreement.js'
import { api, captured, createAgent, platform, withCaller } from './scene.js'

const questions = ['opening-hours', 'vegetarian', 'parking', 'sounds-good']

testNeeding('tcpdump').each([0, 12])(
  'with %d ms of jitter a recorded latency is more than 20 ms from the wire',
  async (jitterMs) => {
    const user = await createAgent('latency')
    const { capture } = await captured(() =>
      withCaller({ user, jitterMs }, async (caller) => {
        for (const name of questions) await caller.ask(clip(name))
        await caller.waitForAgentToFinish()
      }),
    )
    const [media] = capturedCalls(capture, platform.rtpPorts)
    if (!media) throw new Error('the capture shows no call')
    const call = await api.finishedCall(user)
    expect(call.turns).toHaveLength(questions.length)
    expectAgreement(call, capturedTurns(media))
  },
)
