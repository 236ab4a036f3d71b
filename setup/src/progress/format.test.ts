import { describe, expect, it } from 'vitest'
import { formatBytes, formatDuration, formatStep } from './format.js'

const step = { title: 'speech model', done: 0, total: 0, unit: 'bytes', note: '' } as const

describe('progress text', () => {
  it('a size never shows as 1000 MB', () => {
    expect(formatBytes(999_900_000)).toBe('1.0 GB')
    expect(formatBytes(999)).toBe('999 B')
    expect(formatBytes(98_362_432)).toBe('98.4 MB')
    expect(formatBytes(269_100_000)).toBe('269 MB')
  })

  it('seconds never show as 60', () => {
    expect(formatDuration(59_600)).toBe('1 min 00 s')
    expect(formatDuration(420)).toBe('0.4 s')
    expect(formatDuration(185_000)).toBe('3 min 05 s')
  })

  it('more bytes than announced do not show as more than 100 %', () => {
    expect(formatStep({ ...step, done: 12, total: 10 })).toBe('speech model  100 %  10 B of 10 B')
  })

  it('an unknown total shows no percent', () => {
    expect(formatStep({ ...step, done: 2_000_000, note: 'unpacking' })).toBe('speech model  2.0 MB  unpacking')
  })

  it('a long line is cut, so that it does not wrap and smear over the terminal', () => {
    expect(formatStep({ ...step, note: 'x'.repeat(200) }, 40)).toHaveLength(40)
  })
})
