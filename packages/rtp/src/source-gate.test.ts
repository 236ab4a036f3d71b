import { describe, expect, it } from 'vitest'
import { SourceGate } from './source-gate.js'

const HOME = { address: '127.0.0.1', port: 4000 }

describe('source gate', () => {
  it('believes the address in the SDP from its first packet on', () => {
    const gate = new SourceGate(HOME)
    expect(gate.judge('127.0.0.1', 4000, 1, 10, 0)).toBe('switch')
    expect(gate.judge('127.0.0.1', 4000, 1, 11, 20)).toBe('accept')
  })

  it('believes another address after two packets in a row, and loses neither', () => {
    const gate = new SourceGate(HOME)
    expect(gate.judge('127.0.0.2', 5000, 1, 10, 0)).toBe('hold')
    expect(gate.judge('127.0.0.2', 5000, 1, 11, 20)).toBe('switch')
    expect(gate.latched).toMatchObject({ address: '127.0.0.2', port: 5000 })
  })

  it('counts a packet that is sent twice once', () => {
    const gate = new SourceGate(null)
    expect(gate.judge('127.0.0.2', 5000, 1, 10, 0)).toBe('hold')
    expect(gate.judge('127.0.0.2', 5000, 1, 10, 1)).toBe('hold')
  })

  it('rejects everybody else while the source is sending', () => {
    const gate = new SourceGate(HOME)
    gate.judge('127.0.0.1', 4000, 1, 0, 0)
    for (let i = 1; i < 50; i++) {
      expect(gate.judge('127.0.0.1', 4000, 1, i, i * 20)).toBe('accept')
      expect(gate.judge('127.0.0.9', 6000, 2, i, i * 20 + 5)).toBe('reject')
    }
  })

  it('follows a caller whose NAT binding moved, once the old one is silent', () => {
    const gate = new SourceGate(null)
    gate.judge('127.0.0.2', 5000, 1, 0, 0)
    gate.judge('127.0.0.2', 5000, 1, 1, 20)
    const verdicts = Array.from({ length: 4 }, (_, i) => gate.judge('127.0.0.2', 5999, 1, 30 + i, 600 + i * 20))
    expect(verdicts).toEqual(['hold', 'hold', 'hold', 'switch'])
  })

  it('is not moved by one stray packet in a pause', () => {
    const gate = new SourceGate(HOME)
    gate.judge('127.0.0.1', 4000, 1, 0, 0)
    expect(gate.judge('127.0.0.9', 6000, 2, 0, 5000)).toBe('hold')
    expect(gate.judge('127.0.0.1', 4000, 1, 1, 5020)).toBe('accept')
    expect(gate.judge('127.0.0.9', 6000, 2, 1, 5040)).toBe('reject')
  })

  it('takes a new SSRC of the same source after two packets', () => {
    const gate = new SourceGate(HOME)
    gate.judge('127.0.0.1', 4000, 1, 0, 0)
    expect(gate.judge('127.0.0.1', 4000, 2, 700, 20)).toBe('hold')
    expect(gate.judge('127.0.0.1', 4000, 2, 701, 40)).toBe('switch')
    expect(gate.ssrc).toBe(2)
  })

  it('switches at once to the address of new SDP, and keeps the old source until then', () => {
    const gate = new SourceGate(HOME)
    gate.judge('127.0.0.1', 4000, 1, 0, 0)
    gate.expect({ address: '127.0.0.1', port: 4444 })
    expect(gate.judge('127.0.0.1', 4000, 1, 1, 20)).toBe('accept')
    expect(gate.judge('127.0.0.1', 4444, 3, 9, 25)).toBe('switch')
  })
})
