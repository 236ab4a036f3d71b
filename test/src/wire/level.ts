/** From this RMS on a 10 ms window counts as voiced, or audible. */
export const AUDIBLE_DBFS = -45

/** RMS level in dB relative to a full-scale square wave; −Infinity for digital silence. */
export function rmsDbfs(pcm: Int16Array): number {
  const power = pcm.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, pcm.length)
  return 10 * Math.log10(power / 32_768 ** 2)
}

/** First and last sample of a window that reach the threshold's amplitude, or null where its RMS stays below it. */
export function audibleSpan(window: Int16Array, thresholdDbfs = AUDIBLE_DBFS): { first: number; last: number } | null {
  if (rmsDbfs(window) < thresholdDbfs) return null
  const amplitude = 32_768 * 10 ** (thresholdDbfs / 20)
  const loud = (sample: number) => Math.abs(sample) >= amplitude
  return { first: window.findIndex(loud), last: window.findLastIndex(loud) }
}
