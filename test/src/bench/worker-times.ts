/** Sums and counts of a worker's histograms, from its Prometheus text. */
export interface HistogramTotals {
  sumSeconds: number
  count: number
}

/** Total of all series of one histogram, those of a label value only where `label` is given (`kind="tts"`). */
export function histogramTotals(text: string, name: string, label = ''): HistogramTotals {
  const total = (suffix: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}_${suffix}`) && line.includes(label))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  return { sumSeconds: total('sum'), count: total('count') }
}

/** Mean in ms of what a histogram counted between two readings; NaN where it counted nothing. */
export function meanBetweenMs(before: HistogramTotals, after: HistogramTotals): number {
  return ((after.sumSeconds - before.sumSeconds) / (after.count - before.count)) * 1000
}
