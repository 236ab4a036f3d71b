/** What a bench says about one series of figures. */
export interface Summary {
  count: number
  median: number
  p95: number
  mean: number
  max: number
}

/** The smallest value that at least so much of the series does not exceed (nearest rank); NaN of nothing. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** Count, median, 95th percentile, mean and maximum, to a tenth. */
export function summary(values: number[]): Summary {
  const tenth = (value: number) => Math.round(value * 10) / 10
  return {
    count: values.length,
    median: tenth(percentile(values, 0.5)),
    p95: tenth(percentile(values, 0.95)),
    mean: tenth(values.reduce((sum, value) => sum + value, 0) / values.length),
    max: tenth(Math.max(...values)),
  }
}
