import { expect, test } from 'vitest'
import { simulate } from '../testing/simulation.js'

const talking = {
  llm: { firstTokenMs: 290, replies: ['One two three four five six seven eight nine ten.', 'Fine.'], tokenMs: 1 },
  tts: { firstAudioMs: 200, durationMs: 5000 },
}
const world = (changes: object = {}) =>
  simulate({ ...talking, ...changes })
    .answer()
    .speaks(0, 2000, 'tell me a story')

test('a first guess of the recogniser ("You") at an "mhm" does not end the speech', () => {
  const call = simulate({ tts: { durationMs: 5000 } }).answer()
  call.speaks(0, 1000, 'hello there').at(3100, { type: 'caller.speech_started', startMs: 3000 })
  call.at(3150, { type: 'asr.partial', text: 'You' }).at(3500, { type: 'asr.partial', text: 'Mm-hmm.' }).run(3550)
  expect(call.effects('playout.clear')).toEqual([])
  expect(call.effects('playout.pause')).toHaveLength(1)
})

test('F1 a pause without text ends at the resume timeout, at the same position', () => {
  const settings = { interruption: { resumeAfterMs: 300 } }
  const call = world({ settings, asr: { finalMs: 1000 } })
  // The recogniser is too slow to tell; the first final is given by hand so that the agent gets to speak.
  call.at(2310, { type: 'asr.final', turnId: 'turn-1', revision: 0, text: 'tell me a story' })
  call.speaks(4000, 4600).run(12_000)
  expect(call.audible()).toEqual([
    [3000, 4500],
    [5200, 8700],
  ])
})

test('F1 the verdict that there was no text ends the pause at once', () => {
  const call = world().speaks(4000, 4800).run(12_000)
  expect(call.audible()).toEqual([
    [3000, 4500],
    [5200, 8700],
  ])
  expect(call.records('interruption')).toEqual([
    { type: 'interruption', atMs: 5200, outcome: 'resumed', responseId: 'resp-1', pausedMs: 700 },
  ])
})

test('F2 an open decision holds the resume back until the turn is found too short', () => {
  const settings = { interruption: { minWords: 3, resumeAfterMs: 300 } }
  const call = world({ settings, asr: { finalMs: 150 }, vad: { stopMs: 50 } })
    .speaks(4000, 4700, 'well maybe')
    .run(12_000)
  expect(call.effects('playout.resume')[0]?.atMs).toBe(5200)
  expect(call.records('interruption')[0]?.outcome).toBe('resumed')
})

test('F2 a committed turn suppresses the resume for good', () => {
  const call = world({ settings: { interruption: { resumeAfterMs: 300 } } })
    .speaks(4000, 5000, 'something else')
    .run(12_000)
  expect(call.records('interruption').map(({ outcome }) => outcome)).toEqual(['barge_in'])
  expect(call.stretches.filter(({ responseId }) => responseId === 'resp-1')).toHaveLength(1)
})

test('F3 the call closes while a resume is pending: no resume', () => {
  const call = world().speaks(4000, 4700).at(4800, { type: 'call.gone', cause: 'caller_hangup' }).run(12_000)
  expect(call.effects('playout.resume')).toEqual([])
  expect(call.records('agent.said')[0]?.endMs).toBe(4500)
})

test('F3 the decision fails while a resume is pending: the agent goes on', () => {
  const call = world({ asr: { dead: true } })
  call.at(2310, { type: 'asr.final', turnId: 'turn-1', revision: 0, text: 'tell me a story' })
  call.speaks(4000, 4700)
  call.at(5100, { type: 'asr.failed', turnId: 'turn-2', revision: 0, message: 'gone' }).run(12_000)
  expect(call.audible()).toHaveLength(2)
  expect(call.records('agent.said')[0]).toMatchObject({ kind: 'reply', interrupted: false })
})

test('F4 noise before the reply holds it back until VAD has ended, and then it plays whole', () => {
  const call = world({ asr: { finalMs: 0 }, vad: { startMs: 0, stopMs: 500 } })
  call.speaks(2800, 3300).run(12_000)
  expect(call.audible()).toEqual([[3800, 8800]])
  expect(call.commits()).toHaveLength(1)
})

test('F5 a turn that gets no answer yet leaves the resume armed', () => {
  const settings = { interruption: { minWords: 4, resumeAfterMs: 2500 } }
  const call = world({ settings, asr: { dead: true } })
  call.at(2310, { type: 'asr.final', turnId: 'turn-1', revision: 0, text: 'tell me a story' })
  call.speaks(4000, 4700).run(12_000)
  expect(call.audible()).toHaveLength(2)
})

test('F6 a backchannel over the first second of a speech is ignored, real words pass', () => {
  const ignored = world().speaks(3200, 3900, 'mhm').run(12_000)
  expect(ignored.records('turn.dropped').map(({ reason }) => reason)).toEqual(['backchannel'])
  expect(ignored.records('agent.said')[0]?.interrupted).toBe(false)
  const passed = world().speaks(3200, 3900, 'louder please').run(12_000)
  expect(passed.records('agent.said')[0]?.interrupted).toBe(true)
})

test('F7 the agent ends before there is a verdict: "yeah" is an answer, not a backchannel', () => {
  const call = world().speaks(7700, 8100, 'yeah').run(14_000)
  expect(call.records('turn.dropped')).toEqual([])
  expect(call.history()).toContain('user: yeah')
})

test('F8 a confirmed backchannel clears its audio, later if the caller is speaking again', () => {
  const call = world().speaks(4000, 4700, 'yeah').run(12_000)
  expect(call.effects('asr.clear').at(-1)?.atMs).toBe(5100)
  const again = world({ asr: { finalMs: 300 } })
    .speaks(4000, 4700, 'yeah')
    .speaks(5100, 6000, 'but I mean Rome')
    .run(5900)
  expect(again.effects('asr.clear')).toHaveLength(1)
  expect(again.run(12_000).history()).toContain('user: yeah but I mean Rome')
})

test('a "yeah" over the agent does not end its speech, and stays out of history but on record', () => {
  const call = world().speaks(4000, 4700, 'yeah right').run(12_000)
  expect(call.audible()).toEqual([
    [3000, 4500],
    [5100, 8600],
  ])
  expect(call.history()).toHaveLength(2)
  expect(call.records('turn.dropped')[0]).toMatchObject({ reason: 'backchannel', text: 'yeah right' })
})

test('a sound that never ends and has no words does not keep the agent silent', () => {
  const call = world().speaks(4000, 60_000).run(20_000)
  expect(call.records('agent.said')[0]).toMatchObject({ interrupted: false })
  expect(call.audible()).toHaveLength(2)
})

test('R2 a word from before the agent was heard is no reaction to it', () => {
  const call = world().at(3040, { type: 'caller.speech_started', startMs: 2950 })
  call.at(3700, { type: 'caller.speech_stopped', lastVoicedMs: 3400 })
  call.at(3750, { type: 'asr.final', turnId: 'turn-2', revision: 0, text: 'right' }).run(9000)
  expect(call.records('turn.dropped')).toEqual([])
  expect(call.effects('playout.clear')).toHaveLength(1)
})
