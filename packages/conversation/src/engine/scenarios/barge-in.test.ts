import { expect, test } from 'vitest'
import { simulate } from '../testing/simulation.js'

/** A caller's question from 0 to 2000; with these workers the answer sounds from 3000 on, for five seconds. */
const talking = {
  llm: { firstTokenMs: 290, replies: ['One two three four five six seven eight nine ten.', 'Fine.'], tokenMs: 1 },
  tts: { firstAudioMs: 200, durationMs: 5000 },
}
const world = (changes: object = {}) =>
  simulate({ ...talking, ...changes })
    .answer()
    .speaks(0, 2000, 'tell me a story')

test('B1 the agent falls silent a minimum duration into the speech and its item is cut there', () => {
  const call = world().speaks(5000, 6000, 'please hear me').run(12_000)
  expect(call.audible()[0]).toEqual([3000, 5500])
  expect(call.effects('playout.duck')[0]?.atMs).toBe(5100)
  expect(call.records('agent.said')[0]).toMatchObject({ startMs: 3000, endMs: 5500, interrupted: true })
  expect(call.commits()[1]).toBe(6500)
})

test('B2 words add up over the open turn until there are enough of them', () => {
  const call = world({ settings: { interruption: { minWords: 3 } }, asr: { finalMs: 0 } })
  call.speaks(5000, 5600, 'Stop!').speaks(6300, 6900, 'ok, stop!').run(7150)
  expect(call.records('interruption').map(({ outcome }) => outcome)).not.toContain('barge_in')
  call.run(12_000)
  expect(call.effects('playout.clear')[0]?.atMs).toBe(7200)
  expect(call.history()).toContain('user: Stop! ok, stop!')
})

test('B3 words said one at a time count together, though their turn was decided in between', () => {
  const call = world({ settings: { interruption: { minWords: 3, minDurationMs: 300 } } })
  call.speaks(3300, 3700, 'One').speaks(4900, 5300, 'Two').speaks(6500, 6900, 'Three').run(7350)
  expect(call.effects('playout.clear')).toHaveLength(1)
  expect(call.run(12_000).history()).toContain('user: One Two Three')
})

test('B4 a speech that may not be interrupted plays to its end, and the words said over it are answered after it', () => {
  const call = simulate({
    settings: { greeting: 'Listen to this.', greetingInterruptible: false },
    ...talking,
  }).answer()
  call.speaks(1000, 2000, 'what is it about').run(12_000)
  expect(call.effects('playout.duck')).toEqual([])
  expect(call.audible()[0]).toEqual([200, 5200])
  expect(call.commits()).toEqual([5200])
  expect(call.history().slice(0, 2)).toEqual(['assistant: Listen to this.', 'user: what is it about'])
})

test('B5 a reply that was not audible yet never speaks and leaves nothing in history', () => {
  const call = simulate({
    settings: { failures: { llmFirstTokenMs: 5000 } },
    llm: { firstTokenMs: 2000, replies: ['Stale reply.', 'Fresh reply.'] },
  }).answer()
  call.speaks(0, 2000, 'tell me a story').speaks(3000, 4000, 'Stop!').run(12_000)
  expect(call.effects('llm.cancel').map(({ responseId }) => responseId)).toEqual(['resp-1'])
  expect(call.history()).toEqual(['user: tell me a story Stop!', 'assistant: Fresh reply.'])
})

test('B6 a reply that becomes ready while the caller speaks is launched paused', () => {
  const call = world().speaks(2750, 4400).run(12_000)
  expect(call.effects('playout.pause')[0]?.atMs).toBe(2850)
  expect(call.audible()).toEqual([[4800, 9800]])
})

test('B7 a partial alone does not interrupt: VAD must have heard the speech', () => {
  const call = world().at(4000, { type: 'asr.partial', text: 'hello' }).run(12_000)
  expect(call.audible()[0]).toEqual([3000, 8000])
  const early = world().at(4100, { type: 'caller.speech_started', startMs: 4000 })
  early
    .at(4200, { type: 'asr.partial', text: 'hello' })
    .at(4350, { type: 'asr.partial', text: 'hello there' })
    .run(4400)
  expect(early.effects('playout.clear')).toEqual([])
  expect(early.run(4500).effects('playout.clear')[0]?.atMs).toBe(4500)
})

test('B7 a call to stop is obeyed as soon as it is understood', () => {
  const call = world().at(4100, { type: 'caller.speech_started', startMs: 4000 })
  call.at(4200, { type: 'asr.partial', text: 'stop' }).run(4300)
  expect(call.effects('playout.clear')[0]?.atMs).toBe(4200)
})

test('B8 an interruption stops what plays and what follows, up to the protected speech, and that plays in order', () => {
  const call = simulate({ tts: { durationMs: 2000 } }).answer()
  for (const [text, interruptible] of [
    ['Playing.', true],
    ['Next.', true],
    ['Protected.', false],
    ['Last.', true],
  ] as const)
    call.at(100, { type: 'say', text, interruptible })
  call.speaks(1000, 2000, 'let me say something').run(12_000)
  const said = call.records('agent.said').map(({ text, interrupted }) => [text, interrupted])
  expect(said.slice(0, 3)).toEqual([
    ['', true],
    ['Protected.', false],
    ['Last.', false],
  ])
  expect(call.stretches.some(({ segmentId }) => segmentId === 'seg-2')).toBe(false)
  expect(call.commits()).toHaveLength(1)
})

test('B9 one interrupted response gets one cancel, one clear and one cut', () => {
  const call = world({
    llm: { ...talking.llm, tokenMs: 400, replies: ['Once upon, a time there was a king and he was very old.'] },
  })
  call.speaks(4500, 6000, 'excuse me please').speaks(6450, 7000, 'sir').run(7300)
  expect(call.effects('llm.cancel')).toHaveLength(1)
  expect(call.effects('playout.clear')).toHaveLength(1)
  expect(call.records('agent.said')).toHaveLength(1)
})

test('B10 late audio of an interrupted response is dropped and the next one plays', () => {
  const call = world().speaks(4000, 5000, 'something else').run(5400)
  call.send({ type: 'tts.started', responseId: 'resp-1', segmentId: 'seg-1' })
  call.send({ type: 'playout.started', responseId: 'resp-1', segmentId: 'seg-1', atMs: 5400 })
  call.send({ type: 'llm.delta', responseId: 'resp-1', text: 'More of it.' })
  call.run(12_000)
  expect(call.records('agent.said').map(({ responseId }) => responseId)).toEqual(['resp-1', 'resp-2'])
})

test('B12 after a reply was interrupted before its first frame the next one is audible', () => {
  const call = world().speaks(2850, 4000, 'no wait a moment').run(12_000)
  expect(call.records('agent.said').map(({ text }) => text)).toEqual(['Fine.'])
  expect(call.audible()).toHaveLength(1)
})

test('B13 a sink that does not answer the clear is given up and the queue goes on', () => {
  const call = world({ sinkAnswers: false }).speaks(5000, 6000, 'something else').run(14_000)
  expect(call.records('agent.said').map(({ text }) => text)).toEqual(['One two three four five', 'Fine.'])
})

test('N1 words over the first second of the first speech are not lost: there is no deaf warm-up', () => {
  const call = simulate({ settings: { greeting: 'Hello, this is your agent speaking.' }, ...talking }).answer()
  call.speaks(500, 1500, 'hello can you hear me').run(12_000)
  expect(call.audible()[0]).toEqual([200, 1000])
  expect(call.history()).toContain('user: hello can you hear me')
})

test('a caller lowers the agent at once and a pause follows later', () => {
  const call = world().speaks(5000, 8000, 'now this is a longer speech of mine').run(12_000)
  expect(call.effects('playout.duck').map(({ atMs }) => atMs)).toEqual([5100])
  expect(call.effects('playout.pause').map(({ atMs }) => atMs)).toEqual([5500])
})
