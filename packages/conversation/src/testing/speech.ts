import { readFileSync } from 'node:fs'
import { readWav } from '@hotline/audio'

const samplesPerMs = 8

/** A recording of the fixtures folder, 8 kHz mono. */
export function recording(name: 'two-cities-1' | 'two-cities-2'): Int16Array {
  const wav = readWav(readFileSync(new URL(`../../fixtures/${name}.wav`, import.meta.url)))
  const [pcm] = wav.channels
  if (wav.rateHz !== samplesPerMs * 1000 || pcm === undefined) throw new Error(`${name} is not 8 kHz mono`)
  return pcm
}

/** White noise of an RMS level, or digital silence; the same every time. */
export function noise(durationMs: number, dbfs: number | null): Int16Array {
  if (dbfs === null) return new Int16Array(durationMs * samplesPerMs)
  // A uniform distribution of half-width a has an RMS of a / √3.
  const halfWidth = 32768 * 10 ** (dbfs / 20) * Math.sqrt(3)
  let seed = 1
  return Int16Array.from({ length: durationMs * samplesPerMs }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.round((seed / 2 ** 31 - 1) * halfWidth)
  })
}

/** Recordings one after the other. */
export function sequence(...parts: Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Two recordings at the same time. */
export function mix(a: Int16Array, b: Int16Array): Int16Array {
  return a.map((sample, i) => Math.max(-32768, Math.min(32767, sample + (b[i] ?? 0))))
}
