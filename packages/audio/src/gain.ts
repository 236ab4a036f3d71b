/** Amplitude factor of a gain in dB: -6 dB is about one half. */
export function gainOfDb(db: number): number {
  return 10 ** (db / 20)
}

function clip(value: number): number {
  return value > 32767 ? 32767 : value < -32768 ? -32768 : Math.round(value)
}

/** Scales PCM in place, the factor going in a straight line from `fromGain` to `toGain` over all its samples. */
export function fade(pcm: Int16Array, fromGain: number, toGain: number): Int16Array {
  const step = pcm.length > 1 ? (toGain - fromGain) / (pcm.length - 1) : 0
  for (let i = 0; i < pcm.length; i++) pcm[i] = clip((pcm[i] as number) * (fromGain + step * i))
  return pcm
}

/** A volume control that never clicks: each change is spread over a short ramp that may span frames. */
export class Gain {
  #current = 1
  #target = 1
  #step = 0
  readonly #rampSamples: number

  /** `rampMs`: how long a change from full volume to silence takes at `rateHz`. */
  constructor(rateHz = 8000, rampMs = 10) {
    this.#rampSamples = Math.max(1, Math.round((rateHz * rampMs) / 1000))
  }

  /** Goes to this factor (1 = unchanged, 0 = silence) from the next sample on. */
  to(gain: number): void {
    this.#target = gain
    this.#step = (gain - this.#current) / this.#rampSamples
  }

  /** Goes to this many dB (0 = unchanged). */
  toDb(db: number): void {
    this.to(gainOfDb(db))
  }

  /** Applies the volume to PCM in place and returns it. */
  process(pcm: Int16Array): Int16Array {
    if (this.#current === 1 && this.#target === 1) return pcm
    for (let i = 0; i < pcm.length; i++) {
      if (this.#current !== this.#target) {
        this.#current += this.#step
        if (this.#step > 0 ? this.#current >= this.#target : this.#current <= this.#target) this.#current = this.#target
      }
      pcm[i] = clip((pcm[i] as number) * this.#current)
    }
    return pcm
  }

  /** Whether the last change is complete. */
  get settled(): boolean {
    return this.#current === this.#target
  }
}
