/** One triangular filter of a mel filterbank: weights for the spectrum's bins from `firstBin` on. */
export interface MelFilter {
  firstBin: number
  weights: Float64Array
}

/**
 * Slaney's mel filterbank (Auditory Toolbox, 1998): triangles evenly spaced on his mel scale, each of the same area.
 * @param bins of a spectrum from 0 Hz to half of `rateHz`.
 */
export function createMelFilters(count: number, bins: number, rateHz: number): MelFilter[] {
  const topMel = hzToMel(rateHz / 2)
  const edgesHz = Array.from({ length: count + 2 }, (_, i) => melToHz((topMel * i) / (count + 1)))
  const binHz = rateHz / 2 / (bins - 1)
  return Array.from({ length: count }, (_, i) => {
    const [low, centre, high] = edgesHz.slice(i, i + 3) as [number, number, number]
    const height = 2 / (high - low)
    const firstBin = Math.max(0, Math.floor(low / binHz))
    const lastBin = Math.min(bins - 1, Math.ceil(high / binHz))
    const weights = Float64Array.from({ length: lastBin - firstBin + 1 }, (_, k) => {
      const hz = (firstBin + k) * binHz
      return height * Math.max(0, Math.min((hz - low) / (centre - low), (high - hz) / (high - centre)))
    })
    return { firstBin, weights }
  })
}

// Slaney's scale is linear below 1000 Hz (15 mel) and logarithmic above, 27 mel to a factor of 6.4.
const knee = { hz: 1000, mel: 15, perLog: 27 / Math.log(6.4) }

function hzToMel(hz: number): number {
  return hz < knee.hz ? (3 * hz) / 200 : knee.mel + Math.log(hz / knee.hz) * knee.perLog
}

function melToHz(mel: number): number {
  return mel < knee.mel ? (200 * mel) / 3 : knee.hz * Math.exp((mel - knee.mel) / knee.perLog)
}
