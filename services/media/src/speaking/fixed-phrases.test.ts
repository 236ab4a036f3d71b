import { AgentInput } from '@hotline/storage'
import { expect, it } from 'vitest'
import { fixedPhrases } from './fixed-phrases.js'

it('has the excuse in one piece, as the engine asks for it when the synthesizer is gone', () => {
  const agent = AgentInput.parse({ name: 'demo', greeting: 'Hello, this is Bella Vista. How can I help you?' })
  const phrases = fixedPhrases(agent)
  expect(phrases[0]).toBe(agent.failures.excuse)
  expect(phrases.length).toBeGreaterThan(6)
})
