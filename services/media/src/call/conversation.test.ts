import { AgentInput } from '@hotline/storage'
import { expect, it } from 'vitest'
import { Conversation } from './conversation.js'
import { engineSettings } from './engine-settings.js'

function setUp() {
  let nowMs = 0
  const effects: string[] = []
  const agent = AgentInput.parse({ name: 'demo', greeting: 'Hello.' })
  const conversation = new Conversation(
    engineSettings(agent),
    () => nowMs,
    (effect) => {
      effects.push(effect.type)
      // A worker that answers at once must not make the engine run inside itself.
      if (effect.type === 'tts.request') {
        const { responseId, segmentId } = effect
        conversation.dispatch({ type: 'tts.started', responseId, segmentId })
        conversation.dispatch({ type: 'tts.finished', responseId, segmentId, durationMs: 500 })
      }
    },
  )
  const advance = (ms: number) => {
    for (const end = nowMs + ms; nowMs < end; nowMs += 20) conversation.tick(nowMs)
  }
  return { conversation, effects, advance }
}

it('greets when the call is up', () => {
  const { conversation, effects } = setUp()
  conversation.dispatch({ type: 'call.answered', direction: 'inbound' })
  expect(effects).toContain('tts.request')
})

it('does not leave the caller in silence when a greeting is never played: timers run on ticks alone', () => {
  const { conversation, effects, advance } = setUp()
  conversation.dispatch({ type: 'call.answered', direction: 'inbound' })
  advance(120_000)
  expect(effects).toContain('call.hangup')
})
