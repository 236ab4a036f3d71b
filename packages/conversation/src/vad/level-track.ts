import { AUDIBLE_DBFS, amplitudeOfDbfs, rmsDbfs } from '@hotline/audio'

/** The level of 10 ms of a line, and where in it the sound is. */
export interface LevelWindow {
  startMs: number
  endMs: number
  dbfs: number
  /** First and last sample that reach the audible amplitude; NaN where none does. */
  firstLoudMs: number
  lastLoudMs: number
}

/** Follows a line's level in windows of 10 ms, and the level of its background noise. */
export interface LevelTrack {
  /** Takes PCM whose first sample is at `startMs`. `isReal` is false for audio that was made up to fill a gap. */
  push(pcm: Int16Array, startMs: number, isReal: boolean): void
  /** From this level on a window counts as voiced: audible, and well above the background. */
  readonly voicedDbfs: number
  /** First voiced sample of the windows that begin at or after `fromMs`, run-up to it included, or null. */
  firstVoicedMs(fromMs: number): number | null
  /** Last voiced sample at or after `fromMs`, or null. */
  lastVoicedMs(fromMs: number): number | null
  /** How long the line has been below the level of voice, up to now; 0 where all that is remembered is. */
  readonly quietMs: number
}

const windowMs = 10
/** Speech stands this far above a line's noise. */
const aboveNoiseDb = 9
/** How fast the noise floor follows a line that gets louder; to a quieter one it falls at once. */
const riseDbPerWindow = 3 / 100
/** Below this one floor is like another. */
const lowestFloorDbfs = -90
/** How far an onset may reach back before the first window that the VAD is sure of. */
const longestRunUpMs = 200
/** A gap in the run-up, as before a plosive. */
const longestGapMs = 50
const loudAmplitude = amplitudeOfDbfs(AUDIBLE_DBFS)

/** @param keepMs how far back levels can be asked for. */
export function createLevelTrack(rateHz: number, keepMs: number): LevelTrack {
  const windowSamples = (rateHz * windowMs) / 1000
  const capacity = Math.ceil(keepMs / windowMs)
  const ring: LevelWindow[] = []
  let written = 0
  let floorDbfs: number | null = null

  /** The window that was written `back` windows ago, 0 for the newest. */
  const at = (back: number): LevelWindow | undefined =>
    back < Math.min(written, capacity) ? ring[(written - 1 - back) % capacity] : undefined

  const write = (pcm: Int16Array, startMs: number, isReal: boolean): void => {
    const dbfs = rmsDbfs(pcm)
    if (isReal) {
      const level = Math.max(lowestFloorDbfs, dbfs)
      floorDbfs = floorDbfs === null ? level : Math.min(level, floorDbfs + riseDbPerWindow)
    }
    const slot = ring[written % capacity] ?? { startMs: 0, endMs: 0, dbfs: 0, firstLoudMs: 0, lastLoudMs: 0 }
    ring[written % capacity] = slot
    slot.startMs = startMs
    slot.endMs = startMs + (pcm.length * 1000) / rateHz
    slot.dbfs = dbfs
    const isAudible = dbfs >= AUDIBLE_DBFS
    slot.firstLoudMs = isAudible ? startMs + (pcm.findIndex(isLoud) * 1000) / rateHz : Number.NaN
    slot.lastLoudMs = isAudible ? startMs + (pcm.findLastIndex(isLoud) * 1000) / rateHz : Number.NaN
    written++
  }

  const track: LevelTrack = {
    push(pcm, startMs, isReal) {
      for (let from = 0; from < pcm.length; from += windowSamples) {
        write(pcm.subarray(from, from + windowSamples), startMs + (from * 1000) / rateHz, isReal)
      }
    },
    get voicedDbfs() {
      return Math.max(AUDIBLE_DBFS, (floorDbfs ?? lowestFloorDbfs) + aboveNoiseDb)
    },
    firstVoicedMs(fromMs) {
      const { voicedDbfs } = track
      let found: LevelWindow | null = null
      for (let back = 0; ; back++) {
        const window = at(back)
        if (window === undefined || window.startMs < fromMs - longestRunUpMs) break
        // Before `fromMs` only what leads up to the onset belongs to it.
        if (window.endMs < Math.min(fromMs, found?.startMs ?? fromMs) - longestGapMs) break
        if (window.dbfs >= voicedDbfs) found = window
      }
      return found?.firstLoudMs ?? null
    },
    get quietMs() {
      const newest = at(0)
      const lastMs = track.lastVoicedMs(Number.NEGATIVE_INFINITY)
      return newest === undefined || lastMs === null ? 0 : newest.endMs - lastMs
    },
    lastVoicedMs(fromMs) {
      const { voicedDbfs } = track
      for (let back = 0; ; back++) {
        const window = at(back)
        if (window === undefined || window.endMs <= fromMs) return null
        if (window.dbfs >= voicedDbfs) return window.lastLoudMs
      }
    },
  }
  return track
}

function isLoud(sample: number): boolean {
  return sample >= loudAmplitude || sample <= -loudAmplitude
}
