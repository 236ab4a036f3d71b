import { expect, test } from 'vitest'
import { simulate } from '../testing/simulation.js'

test('D1 a hang-up asked for in the middle of a speech comes after its last word', () => {
  const call = simulate().answer().speaks(0, 1000, 'goodbye then')
  call.at(3000, { type: 'hangup.requested', cause: 'agent_hangup' }).run(9000)
  expect(call.effects('call.hangup')).toEqual([{ atMs: 4040, type: 'call.hangup', cause: 'agent_hangup' }])
  expect(call.records('agent.said')[0]?.interrupted).toBe(false)
})

test('D1 asked for twice it comes once, and a reply without a word yet is not waited for', () => {
  const call = simulate().answer().speaks(0, 1000, 'goodbye then')
  call
    .at(1600, { type: 'hangup.requested', cause: 'api_hangup' })
    .at(1700, { type: 'hangup.requested', cause: 'shutdown' })
  call.run(3000)
  expect(call.effects('call.hangup')).toEqual([{ atMs: 1600, type: 'call.hangup', cause: 'api_hangup' }])
})

test('D3 the end of the call keeps its cause and stops everything', () => {
  const call = simulate()
    .answer()
    .speaks(0, 1000, 'hello there')
    .at(3000, { type: 'call.gone', cause: 'media_timeout' })
    .run(9000)
  expect(call.records('ended')).toEqual([{ type: 'ended', cause: 'media_timeout', atMs: 3000 }])
  expect(call.state().timers).toEqual({})
  expect(call.log.filter(({ atMs }) => atMs > 3000)).toEqual([])
})

test('the longest call ends with its goodbye, after the segment that is being said', () => {
  const settings = { limits: { maxCallMs: 3000 } }
  const call = simulate({ settings }).answer().speaks(0, 1000, 'hello there').run(20_000)
  expect(call.records('agent.said').map(({ kind, interrupted }) => [kind, interrupted])).toEqual([
    ['reply', false],
    ['goodbye', false],
  ])
  const end = call.records('agent.said').at(-1)?.endMs
  expect(call.effects('call.hangup')).toEqual([{ atMs: end, type: 'call.hangup', cause: 'max_duration' }])
})

test('a goodbye that cannot be said does not keep the call up', () => {
  const settings = { limits: { maxCallMs: 3000 } }
  for (const trouble of ['fails', 'silent', 'starves'] as const) {
    const call = simulate({ settings, tts: { trouble: () => trouble } })
      .answer()
      .run(20_000)
    expect(call.effects('call.hangup')).toHaveLength(1)
  }
})

test('C1 output that comes after the call is gone is dropped', () => {
  const call = simulate({ llm: { tokenMs: 500 } })
    .answer()
    .speaks(0, 1000, 'hello there')
    .at(2000, { type: 'call.gone', cause: 'caller_hangup' })
  call.run(9000)
  const count = call.log.length
  call.send({ type: 'llm.delta', responseId: 'resp-1', text: 'late' })
  call.send({ type: 'playout.started', responseId: 'resp-1', segmentId: 'seg-1', atMs: 9000 })
  expect(call.log).toHaveLength(count)
})

test('C3 a close that gets stuck is over after its limit, and so is a hang-up that nobody confirms', () => {
  const settings = { failures: { ttsStallMs: 600_000 } }
  const call = simulate({ settings, tts: { trouble: () => 'silent' as const } }).answer()
  call
    .at(100, { type: 'say', text: 'Hello.', interruptible: true })
    .at(200, { type: 'hangup.requested', cause: 'shutdown' })
  call.run(60_000)
  expect(call.effects('call.hangup')[0]?.atMs).toBe(30_200)
  expect(call.records('ended')).toEqual([{ type: 'ended', cause: 'shutdown', atMs: 35_200 }])
})

test('M1 keys and the finish key make one entry, and the first key stops the agent', () => {
  const call = simulate({ settings: { greeting: 'Please enter your number.' } }).answer()
  for (const [index, digit] of ['1', '2', '3', '#'].entries()) call.at(1000 + index * 300, { type: 'dtmf', digit })
  call.run(9000)
  expect(call.audible()[0]).toEqual([200, 1000])
  expect(call.effects('llm.request').map(({ atMs, messages }) => [atMs, messages.at(-1)?.content])).toEqual([
    [1900, '123'],
  ])
  expect(call.records('caller.said')).toMatchObject([{ text: '123', dtmf: true }])
})

test('M1 an entry without a finish key ends at the gap, at its longest, or with the call', () => {
  const gap = simulate()
    .answer()
    .at(1000, { type: 'dtmf', digit: '1' })
    .at(1500, { type: 'dtmf', digit: '2' })
    .run(9000)
  expect(gap.commits()).toEqual([3500])
  const full = simulate({ settings: { dtmf: { maxDigits: 2 } } }).answer()
  full.at(1000, { type: 'dtmf', digit: '1' }).at(1500, { type: 'dtmf', digit: '2' }).run(9000)
  expect(full.commits()).toEqual([1500])
  const gone = simulate()
    .answer()
    .at(1000, { type: 'dtmf', digit: '7' })
    .at(1500, { type: 'call.gone', cause: 'caller_hangup' })
    .run(9000)
  expect(gone.records('caller.said')).toMatchObject([{ text: '7', dtmf: true }])
})

test('M3 the first key ends speech recognition for this entry', () => {
  const call = simulate().answer().at(600, { type: 'caller.speech_started', startMs: 500 })
  call.at(900, { type: 'asr.partial', text: 'my number is' }).at(1000, { type: 'dtmf', digit: '4' })
  call.at(1100, { type: 'asr.partial', text: 'my number is four' })
  call.at(1400, { type: 'caller.speech_stopped', lastVoicedMs: 1200 }).at(1500, { type: 'dtmf', digit: '#' }).run(9000)
  expect(call.records('turn.dropped')).toMatchObject([{ reason: 'superseded', text: 'my number is' }])
  expect(call.effects('llm.request').map(({ messages }) => messages.at(-1)?.content)).toEqual(['4'])
})
