import { expect } from 'vitest'
import { clip } from '../src/speech/clip.js'
import { testNeeding } from '../src/testing/needing.js'
import { wordErrorRate } from '../src/text/word-error-rate.js'
import { capturedCalls, capturedTurns } from '../src/wire/call-capture.js'
import { heardPcm } from '../src/wire/rtp-timeline.js'
import { expectAgreement } from './agreement.js'
import { api, captured, createAgent, platform, withCaller } from './scene.js'

testNeeding('tcpdump')('two conversations at once mix their words, or one has to wait for the other', async () => {
  const scripts = [
    {
      user: await createAgent('both', { greeting: 'Good morning, this is the kitchen.' }),
      questions: ['dessert', 'opening-hours'],
    },
    {
      user: await createAgent('both', { greeting: 'Good evening, you have reached the office.' }),
      questions: ['credit-card', 'children'],
    },
  ]
  const { result: heard, capture } = await captured(() =>
    Promise.all(
      scripts.map(({ user, questions }, index) =>
        withCaller(
          { user, codec: index === 0 ? 'PCMU' : 'PCMA', transport: index === 0 ? 'udp' : 'tcp' },
          async (caller) => {
            for (const name of questions) await caller.ask(clip(name))
            await caller.waitForAgentToFinish()
            return { answer: caller.answer, pcm: heardPcm(caller.received()) }
          },
        ),
      ),
    ),
  )
  const media = capturedCalls(capture, platform.rtpPorts)
  expect(media).toHaveLength(2)
  for (const [index, { user, questions }] of scripts.entries()) {
    const call = await api.finishedCall(user)
    const said = call.transcript
      .filter(({ role }) => role === 'caller')
      .map(({ text }) => text)
      .join(' ')
    const wanted = questions.map((name) => clip(name).text).join(' ')
    expect(wordErrorRate(wanted, said), `recorded "${said}"`).toBeLessThanOrEqual(0.3)
    const spoken = call.transcript
      .filter(({ role }) => role === 'agent')
      .map(({ text }) => text)
      .join(' ')
    const words = await api.transcribe(heard[index]?.pcm ?? new Int16Array(0))
    expect(wordErrorRate(spoken, words), `recorded "${spoken}", heard "${words}"`).toBeLessThanOrEqual(0.3)
    const own = media.find(({ port }) => port === heard[index]?.answer.port)
    if (!own) throw new Error('the capture does not show the call')
    expectAgreement(call, capturedTurns(own))
  }
})
