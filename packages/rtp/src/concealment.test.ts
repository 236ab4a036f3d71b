import { describe, expect, it } from 'vitest'
import { Concealer } from './concealment.js'

/** A voice-like tone: a fundamental and its overtones. */
function voiced(from: number, samples: number, pitchHz = 120, amplitude = 4000): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => {
    const t = (2 * Math.PI * pitchHz * (from + i)) / 8000
    return Math.round(amplitude * (Math.sin(t) + 0.5 * Math.sin(2 * t + 1) + 0.3 * Math.sin(3 * t + 2)))
  })
}

function energy(pcm: Int16Array): number {
  return pcm.reduce((sum, sample) => sum + sample * sample, 0)
}

function largestStep(pcm: number[]): number {
  let largest = 0
  for (let i = 1; i < pcm.length; i++)
    largest = Math.max(largest, Math.abs((pcm[i] as number) - (pcm[i - 1] as number)))
  return largest
}

describe('loss concealment', () => {
  it.each([80, 120, 190])('goes on with a voice of %i Hz so that a lost frame is hardly heard', (pitchHz) => {
    const concealer = new Concealer()
    for (let frame = 0; frame < 5; frame++) concealer.good(voiced(frame * 160, 160, pitchHz))
    const made = concealer.conceal(160)
    const wanted = voiced(5 * 160, 160, pitchHz)
    const error = made.map((sample, i) => sample - (wanted[i] as number))
    // The first 10 ms are at full level; then the fade sets in.
    expect(energy(error.subarray(0, 80))).toBeLessThan(0.1 * energy(wanted.subarray(0, 80)))
    expect(energy(error)).toBeLessThan(0.25 * energy(wanted))
  })

  it('has no click at either end of a gap, nor between its frames', () => {
    const stream: number[] = []
    const concealer = new Concealer()
    for (let frame = 0; frame < 12; frame++) {
      const lost = frame === 5 || frame === 6
      stream.push(...(lost ? concealer.conceal(160) : concealer.good(voiced(frame * 160 + (frame > 6 ? 33 : 0), 160))))
    }
    expect(largestStep(stream)).toBeLessThan(1.35 * largestStep([...voiced(0, 1600)]))
  })

  it('fades to silence within 60 ms', () => {
    const concealer = new Concealer()
    for (let frame = 0; frame < 5; frame++) concealer.good(voiced(frame * 160, 160))
    const frames = Array.from({ length: 5 }, () => concealer.conceal(160))
    expect(energy(frames[0] as Int16Array)).toBeGreaterThan(energy(frames[1] as Int16Array))
    expect(energy(frames[1] as Int16Array)).toBeGreaterThan(energy(frames[2] as Int16Array))
    expect(energy(frames[3] as Int16Array)).toBe(0)
    expect(concealer.silent).toBe(true)
  })

  it('leaves audio without gaps untouched, sample for sample', () => {
    const concealer = new Concealer()
    for (let frame = 0; frame < 5; frame++) {
      expect(concealer.good(voiced(frame * 160, 160))).toEqual(voiced(frame * 160, 160))
    }
  })

  it('makes up nothing before it has heard anything', () => {
    expect(energy(new Concealer().conceal(160))).toBe(0)
  })

  it('does not repeat the last talker after a reset', () => {
    const concealer = new Concealer()
    for (let frame = 0; frame < 5; frame++) concealer.good(voiced(frame * 160, 160))
    concealer.reset()
    expect(energy(concealer.conceal(160))).toBe(0)
  })

  it('takes pieces of any size', () => {
    const whole = new Concealer()
    const pieces = new Concealer()
    for (const one of [whole, pieces]) for (let f = 0; f < 5; f++) one.good(voiced(f * 160, 160))
    const parts = [1, 39, 77, 43, 160].flatMap((samples) => [...pieces.conceal(samples)])
    expect(parts).toEqual([...whole.conceal(160), ...whole.conceal(160)])
  })
})
