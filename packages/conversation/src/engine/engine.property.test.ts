import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EngineEffect } from './effect.js'
import type { EngineEvent } from './event.js'
import type { EngineState } from './state.js'
import { type Command, kinds, runChaos } from './testing/chaos.js'
import { testSettings } from './testing/settings.js'

const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.constantFrom(...kinds),
  waitMs: fc.oneof({ weight: 6, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.nat(3000) }),
  pick: fc.nat(10_000),
})
const settings = testSettings({
  greeting: 'Hello, how can I help you today?',
  limits: { maxCallMs: 120_000, maxHistoryMessages: 8 },
  interruption: { minWords: 0 },
})
const options = { numRuns: 1500 }
const timeout = 60_000

/** Everything that holds at each step of any conversation. */
function checkStep(): (before: EngineState, event: EngineEvent, after: EngineState, effects: EngineEffect[]) => void {
  let generating: string | null = null
  return (before, _event, after, effects) => {
    for (const effect of effects) {
      if (effect.type === 'llm.request') {
        const running = generating !== null && after.queue.some(({ id }) => id === generating)
        if (running) throw new Error('two LLM requests at once')
        generating = effect.responseId
        checkMessages(effect.messages)
      }
      if (effect.type === 'record' && effect.record.type === 'turn.completed') {
        const { latencyMs, stages, firstAudibleMs, speechEndMs } = effect.record.turn
        const values = Object.values(stages)
        if (values.some((stage) => !(stage >= 0))) throw new Error('a negative stage')
        if (values.reduce((sum, stage) => sum + stage, 0) !== latencyMs) throw new Error('stages do not sum')
        if (firstAudibleMs - speechEndMs !== latencyMs) throw new Error('latency is not the interval')
      }
      if (effect.type === 'record' && effect.record.type === 'agent.said') {
        const { text, fullText } = effect.record
        if (!fullText.startsWith(text)) throw new Error(`heard what was not made: ${text} / ${fullText}`)
      }
      if (effect.type === 'timer.set' && !(effect.atMs >= 0)) throw new Error('a timer without a time')
    }
    if (after.phase !== 'ended' && after.phase !== 'connecting' && Object.keys(after.timers).length === 0)
      throw new Error('no timer runs')
    if (after.phase === 'ended' && Object.keys(after.timers).length > 0) throw new Error('a timer outlives the call')
    if (after.nowMs < before.nowMs) throw new Error('time runs backwards')
    const { answer, queue, phase, closing, overlap, turn } = after
    if (phase === 'live' && turn === null && overlap !== null && overlap.mode !== 'passed')
      throw new Error('the agent is held back for nothing')
    if (answer !== null && phase === 'live' && closing === null && !queue.some(({ id }) => id === answer.responseId))
      throw new Error('a committed turn without an answer on its way')
    const active = after.queue.filter(({ llm }) => llm === 'waiting' || llm === 'streaming')
    if (active.length > 1) throw new Error('two replies are generated at once')
  }
}

function checkMessages(messages: { role: string; content: string }[]): void {
  const roles = messages.map(({ role }) => role)
  if (roles[0] !== 'system' || roles.at(-1) !== 'user') throw new Error(`roles ${roles.join(' ')}`)
  if (roles.some((role, index) => role === roles[index + 1]))
    throw new Error(`roles do not alternate: ${roles.join(' ')}`)
  if (messages.some(({ content }) => content.trim() === '')) throw new Error('an empty message')
  if (messages.length > settings.limits.maxHistoryMessages + 1) throw new Error('more history than allowed')
}

test(
  'whatever comes in whatever order, a step neither throws nor breaks the rules',
  () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 5, maxLength: 80 }), (commands) => {
        const run = runChaos(settings, commands, checkStep())
        run.send({ type: 'call.gone', cause: 'caller_hangup' })
        expect(run.state.phase).toBe('ended')
        expect(run.state.timers).toEqual({})
        const frozen = run.state
        run.send({ type: 'dtmf', digit: '1' })
        expect(run.state).toBe(frozen)
      }),
      options,
    )
  },
  timeout,
)

test(
  'left alone with dead workers, every conversation comes to its end by its timers',
  () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 60 }), (commands) => {
        const run = runChaos(settings, commands, checkStep())
        if (run.state.caller.held) run.send({ type: 'call.held', held: false })
        const deadlineMs = run.nowMs + settings.limits.maxCallMs + 60_000
        let fired = 0
        while (run.state.phase !== 'ended' && fired < 1000 && run.fireNext()) fired++
        expect(run.state.phase).toBe('ended')
        expect(run.nowMs).toBeLessThan(deadlineMs)
      }),
      options,
    )
  },
  timeout,
)

test(
  'a state survives being copied',
  () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 5, maxLength: 40 }), (commands) => {
        const { state } = runChaos(settings, commands, checkStep())
        expect(structuredClone(state)).toEqual(state)
      }),
      { numRuns: 200 },
    )
  },
  timeout,
)
