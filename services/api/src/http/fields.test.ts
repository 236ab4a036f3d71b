import { Call } from '@hotline/storage'
import { describe, expect, it } from 'vitest'
import { parseFields, pickFields } from './fields.js'

describe('fields', () => {
  it('looks through lists and values that may be null', () => {
    const mask = parseFields('id, turns.agent.text,turns.stages.egress,media.lost', Call)
    const value = {
      id: 'c1',
      status: 'completed',
      media: { lost: 1, sent: 2 },
      turns: [
        { id: 't1', agent: null, stages: { egress: 1, endpointing: 2 } },
        { id: 't2', agent: { text: 'Hi', full_text: 'Hi' }, stages: null },
      ],
    }
    expect(pickFields(value, mask)).toEqual({
      id: 'c1',
      media: { lost: 1 },
      turns: [
        { agent: null, stages: { egress: 1 } },
        { agent: { text: 'Hi' }, stages: null },
      ],
    })
  })

  it('takes the whole when a part of it is asked for as well, in either order', () => {
    for (const text of ['usage,usage.prompt_tokens', 'usage.prompt_tokens,usage']) {
      expect(parseFields(text, Call)).toEqual(new Map([['usage', true]]))
    }
  })

  it('refuses what is not there rather than answering with nothing', () => {
    for (const text of ['', 'nonsense', 'id.x', 'turns.', '.id', 'turns.caller.nonsense', '__proto__', 'constructor']) {
      expect(() => parseFields(text, Call), text).toThrow(/Unknown field/)
    }
  })
})
