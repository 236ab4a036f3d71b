/** Levels in dBFS: 0 dB is a full-scale square wave, so a full-scale sine reads -3 dB. */

const FULL_SCALE = 32768

/** Lowest level reported, for digital silence and empty input. */
export const SILENCE_DBFS = -120

/** Level at and above which a 10 ms window counts as audible, in dBFS. */
export const AUDIBLE_DBFS = -45

/** Root mean square of PCM samples in dBFS; `SILENCE_DBFS` for silence or no samples. */
export function rmsDbfs(pcm: Int16Array): number {
  let energy = 0
  for (let i = 0; i < pcm.length; i++) energy += (pcm[i] as number) * (pcm[i] as number)
  if (energy === 0) return SILENCE_DBFS
  return Math.max(SILENCE_DBFS, 10 * Math.log10(energy / pcm.length / (FULL_SCALE * FULL_SCALE)))
}

/** Largest absolute sample in dBFS; `SILENCE_DBFS` for silence or no samples. */
export function peakDbfs(pcm: Int16Array): number {
  let peak = 0
  for (let i = 0; i < pcm.length; i++) peak = Math.max(peak, Math.abs(pcm[i] as number))
  return peak === 0 ? SILENCE_DBFS : 20 * Math.log10(peak / FULL_SCALE)
}

/** Sample amplitude (0 to 32768) that corresponds to a level in dBFS. */
export function amplitudeOfDbfs(dbfs: number): number {
  return FULL_SCALE * 10 ** (dbfs / 20)
}

/**
 * Index of the first audible sample, or -1. Audible: the earliest window of `windowMs` (sliding sample by sample, so
 * the result does not depend on where the recording was cut) whose RMS reaches the threshold; the answer is the
 * first sample in it that reaches the threshold's amplitude. Input shorter than a window counts as one window.
 */
export function firstAudibleSample(
  pcm: Int16Array,
  thresholdDbfs = AUDIBLE_DBFS,
  windowMs = 10,
  rateHz = 8000,
): number {
  const window = Math.min(pcm.length, Math.max(1, Math.round((windowMs * rateHz) / 1000)))
  const amplitude = amplitudeOfDbfs(thresholdDbfs)
  const wanted = window * amplitude * amplitude
  let energy = 0
  for (let end = 0; end < pcm.length; end++) {
    energy += (pcm[end] as number) ** 2
    if (end >= window) energy -= (pcm[end - window] as number) ** 2
    if (end < window - 1 || energy < wanted) continue
    for (let i = end - window + 1; i <= end; i++) if (Math.abs(pcm[i] as number) >= amplitude) return i
  }
  return -1
}

/** Index of the last audible sample, or -1: `firstAudibleSample` seen from the end. */
export function lastVoicedSample(pcm: Int16Array, thresholdDbfs = AUDIBLE_DBFS, windowMs = 10, rateHz = 8000): number {
  const index = firstAudibleSample(pcm.slice().reverse(), thresholdDbfs, windowMs, rateHz)
  return index < 0 ? -1 : pcm.length - 1 - index
}
