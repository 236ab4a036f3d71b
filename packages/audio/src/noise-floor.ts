import { rmsDbfs, SILENCE_DBFS } from './level.js'

/** How fast the floor climbs when the line gets louder, in dB a second; it falls at once. */
const RISE_DB_PER_S = 3

/**
 * Follows the level of a line's background noise: falls at once to anything quieter, climbs slowly, so that speech
 * of ordinary length hardly lifts it (a one-sided form of minimum statistics, Martin 2001).
 */
export class NoiseFloor {
  #floorDbfs = Number.NaN

  /** Takes the next PCM at `rateHz`; answers with the floor in dBFS. Digital silence (a made-up gap) is ignored. */
  push(pcm: Int16Array, rateHz: number): number {
    const level = rmsDbfs(pcm)
    if (level <= SILENCE_DBFS) return this.dbfs
    const risen = this.#floorDbfs + (RISE_DB_PER_S * pcm.length) / rateHz
    this.#floorDbfs = Number.isNaN(this.#floorDbfs) ? level : Math.min(level, risen)
    return this.#floorDbfs
  }

  /** The floor in dBFS; `SILENCE_DBFS` before any audio. */
  get dbfs(): number {
    return Number.isNaN(this.#floorDbfs) ? SILENCE_DBFS : this.#floorDbfs
  }
}
