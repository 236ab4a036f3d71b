import { describe, expect, it } from 'vitest'
import { parseRange } from './range.js'

describe('parseRange', () => {
  it('reads the three forms of a single range', () => {
    expect(parseRange('bytes=0-0', 10)).toEqual({ start: 0, end: 0 })
    expect(parseRange('bytes=5-', 10)).toEqual({ start: 5, end: 9 })
    expect(parseRange('bytes=-3', 10)).toEqual({ start: 7, end: 9 })
    expect(parseRange('bytes=2-99', 10)).toEqual({ start: 2, end: 9 })
    expect(parseRange('bytes=-99', 10)).toEqual({ start: 0, end: 9 })
  })

  it('says which ranges lie outside', () => {
    for (const header of ['bytes=10-', 'bytes=10-12', 'bytes=-0']) expect(parseRange(header, 10)).toBe('unsatisfiable')
    expect(parseRange('bytes=-1', 0)).toBe('unsatisfiable')
  })

  it('ignores what it need not understand', () => {
    for (const header of [undefined, 'lines=1-2', 'bytes=5-2', 'bytes=0-1,4-5', 'bytes=-', 'bytes=a-b']) {
      expect(parseRange(header, 10)).toBe('whole')
    }
  })
})
