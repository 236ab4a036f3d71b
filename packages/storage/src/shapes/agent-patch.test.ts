import { describe, expect, it } from 'vitest'
import { AgentInput } from './agent.js'
import { AgentPatch, applyAgentPatch } from './agent-patch.js'

describe('agent patch', () => {
  it('adds no defaults of its own, which would undo earlier changes', () => {
    expect(AgentPatch.parse({ turn_taking: { vad_stop_ms: 200 } })).toEqual({ turn_taking: { vad_stop_ms: 200 } })
    expect(AgentPatch.parse({})).toEqual({})
  })

  it('names the path of what is wrong, however deep', () => {
    const paths = (value: unknown) =>
      AgentPatch.safeParse(value).error?.issues.map(({ path, code }) => [path.join('.'), code])
    expect(paths({ limits: { max_call_ms: 1 } })).toEqual([['limits.max_call_ms', 'too_small']])
    expect(paths({ limits: { nonsense: 1 } })).toEqual([['limits', 'unrecognized_keys']])
    expect(paths({ voice: null })).toEqual([['voice', 'invalid_type']])
  })

  it('replaces lists whole and lets null stand where null may', () => {
    const settings = AgentInput.parse({ name: 'a' })
    const changed = applyAgentPatch(settings, { greeting: null, no_input: { reprompts: ['Hello?'] } })
    expect(changed.greeting).toBeNull()
    expect(changed.no_input).toEqual({ ...settings.no_input, reprompts: ['Hello?'] })
  })
})
