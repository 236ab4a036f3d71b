import { describe, expect, it } from 'vitest'
import { amplitudeOfDbfs, firstAudibleSample, lastVoicedSample, peakDbfs, rmsDbfs, SILENCE_DBFS } from './level.js'

function tone(samples: number, amplitude: number, frequencyHz = 440, rateHz = 8000): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) =>
    Math.round(amplitude * Math.cos((2 * Math.PI * frequencyHz * i) / rateHz)),
  )
}

function padded(before: number, pcm: Int16Array, after: number): Int16Array {
  const out = new Int16Array(before + pcm.length + after)
  out.set(pcm, before)
  return out
}

describe('levels', () => {
  it('reads a full-scale sine as -3 dBFS RMS and 0 dBFS peak', () => {
    expect(rmsDbfs(tone(8000, 32767))).toBeCloseTo(-3.01, 1)
    expect(peakDbfs(tone(8000, 32767))).toBeCloseTo(0, 1)
  })

  it('gives a number, not -Infinity or NaN, for silence and for no samples', () => {
    expect(rmsDbfs(new Int16Array(160))).toBe(SILENCE_DBFS)
    expect(rmsDbfs(new Int16Array(0))).toBe(SILENCE_DBFS)
    expect(peakDbfs(new Int16Array(0))).toBe(SILENCE_DBFS)
  })
})

describe('first and last audible sample', () => {
  it.each([0, 1, 79, 80, 123, 1600])(
    'finds the same onset wherever the recording was cut (%i samples before)',
    (cut) => {
      const pcm = padded(cut, tone(800, 8000), 500)
      expect(firstAudibleSample(pcm)).toBe(cut)
      expect(cut + 800 - 1 - lastVoicedSample(pcm)).toBeLessThan(3)
    },
  )

  it('takes a click for inaudible', () => {
    const pcm = new Int16Array(800)
    pcm[400] = Math.round(amplitudeOfDbfs(-45) * 3)
    expect(firstAudibleSample(pcm)).toBe(-1)
    expect(lastVoicedSample(pcm)).toBe(-1)
  })

  it('says -1 for line noise under the threshold and for nothing', () => {
    expect(firstAudibleSample(tone(800, amplitudeOfDbfs(-50)))).toBe(-1)
    expect(firstAudibleSample(new Int16Array(0))).toBe(-1)
  })

  it('judges input shorter than a window as one window', () => {
    expect(firstAudibleSample(tone(20, 8000))).toBe(0)
    expect(lastVoicedSample(tone(20, 8000))).toBeGreaterThan(15)
  })

  it('counts in samples of the given rate', () => {
    expect(firstAudibleSample(padded(4800, tone(4800, 8000, 440, 48000), 0), -45, 10, 48000)).toBe(4800)
  })
})
