import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simulate, type World } from './testing/simulation.js'

const utterance = fc.record({
  gapMs: fc.integer({ min: 450, max: 4000 }),
  lengthMs: fc.integer({ min: 150, max: 3000 }),
  words: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 6 }) }, { weight: 1, arbitrary: fc.constant(0) }),
})
const utterances = fc.array(utterance, { minLength: 1, maxLength: 12 })

const healthy: fc.Arbitrary<World> = fc.record({
  settings: fc.record({
    greeting: fc.constantFrom(null, 'Hello, how can I help you today?'),
    greetingInterruptible: fc.boolean(),
    interruption: fc.record({
      minWords: fc.nat(3),
      enabled: fc.boolean(),
      minDurationMs: fc.integer({ min: 100, max: 800 }),
    }),
  }),
  asr: fc.record({ partialMs: fc.constantFrom(0, 200), finalMs: fc.integer({ min: 20, max: 900 }) }),
  eot: fc.record({ probability: fc.constantFrom(0.1, 0.9), replyMs: fc.integer({ min: 10, max: 600 }) }),
  llm: fc.record({
    firstTokenMs: fc.integer({ min: 20, max: 1200 }),
    replies: fc.constant(['Fine.', 'Well, that is good to hear, and so I can go on. Another sentence.']),
  }),
  tts: fc.record({ firstAudioMs: fc.integer({ min: 20, max: 900 }), durationMs: fc.integer({ min: 300, max: 3000 }) }),
})

/** Lets a caller say numbered words, so that each one can be found again. */
function converse(world: World, said: { gapMs: number; lengthMs: number; words: number }[]) {
  const call = simulate(world).answer()
  const spoken: string[] = []
  let atMs = 100
  for (const { gapMs, lengthMs: soundMs, words } of said) {
    // Sound that a recogniser without partials is asked about in mid-word may cost that word.
    if (words === 0 && world.asr?.partialMs === 0) continue
    const lengthMs = words === 0 ? soundMs : Math.min(soundMs, words * 600)
    const text = Array.from({ length: words }, (_, index) => `word${spoken.length + index}`)
    // VAD does not report what is shorter than its own minimum, and audio goes to the recogniser with VAD only.
    if (lengthMs > 100) {
      call.speaks(atMs + gapMs, atMs + gapMs + lengthMs, text.join(' '))
      spoken.push(...text)
    }
    atMs += gapMs + lengthMs
  }
  return { call, spoken, endMs: atMs }
}

test('no word of the caller is lost or put down twice', () => {
  fc.assert(
    fc.property(healthy, utterances, (world, said) => {
      const { call, spoken, endMs } = converse(world, said)
      call.run(endMs + 12_000).at(endMs + 12_000, { type: 'call.gone', cause: 'caller_hangup' })
      call.run(endMs + 12_001)
      const kept = call.records('caller.said').map(({ text }) => text)
      const dropped = call.records('turn.dropped').map(({ text }) => text)
      expect([...kept, ...dropped].join(' ').split(' ').filter(Boolean).sort()).toEqual([...spoken].sort())
      const heard = call.state().history.filter(({ role }) => role === 'user')
      expect(heard.map(({ text }) => text).join(' ')).toBe(kept.join(' '))
    }),
    { numRuns: 500 },
  )
}, 60_000)

const sick: fc.Arbitrary<World> = fc.record({
  settings: fc.constant({ greeting: 'Hello.', noInput: { timeoutMs: 4000 }, failures: { tolerated: 2 } }),
  asr: fc.record({ partialMs: fc.constantFrom(0, 200), dead: fc.boolean(), fails: fc.boolean() }),
  eot: fc.record({ probability: fc.constantFrom(0.1, 0.9), dead: fc.boolean(), fails: fc.boolean() }),
  llm: fc.record({
    replies: fc.array(
      fc.constantFrom(
        'Fine.',
        'hangs' as const,
        { text: 'One, two, three, four.', failsAfterTokens: 3, retryable: true },
        { text: 'Never said.', failsAfterTokens: 0, retryable: true },
        '😀',
      ),
      { minLength: 1, maxLength: 5 },
    ),
  }),
  tts: fc.record({
    trouble: fc.constantFrom('fails' as const, 'silent' as const, 'starves' as const, undefined).map(
      (trouble) =>
        (text: string): typeof trouble =>
          /Fine|One|three/u.test(text) ? trouble : undefined,
    ),
  }),
  sinkAnswers: fc.boolean(),
})

test('workers may fail as they like: there is no dead air, and the call ends by itself', () => {
  fc.assert(
    fc.property(sick, utterances, (world, said) => {
      const { call, endMs } = converse(world, said)
      call.run(endMs + 120_000)
      expect(call.state().phase).toBe('ended')
      const hangupMs = call.effects('call.hangup')[0]?.atMs ?? Number.NaN
      const sound = [...call.audible(), ...call.callerSounds, [hangupMs, hangupMs] as const].sort((a, b) => a[0] - b[0])
      let silentSinceMs = 0
      for (const [fromMs, toMs] of sound) {
        expect(fromMs - silentSinceMs).toBeLessThan(9000)
        silentSinceMs = Math.max(silentSinceMs, toMs)
      }
    }),
    { numRuns: 300 },
  )
}, 60_000)
