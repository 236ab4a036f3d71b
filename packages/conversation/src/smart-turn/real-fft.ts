/** Power spectrum of real frames of one length, without allocation. */
export interface PowerSpectrum {
  /** Bins that come out: half the length plus one. */
  readonly bins: number
  /** Writes |X[k]|² of `frame` (its length is the transform's) to `power`. */
  transform(frame: Float64Array, power: Float64Array): void
}

/**
 * A Fourier transform of `length` real samples as one of half as many complex ones (Sorensen et al. 1987), which is
 * done by Stockham's self-sorting algorithm with factors 4, 2 and 5: Whisper's 400 is no power of two.
 * @throws RangeError for a length with other factors.
 */
export function createPowerSpectrum(length: number): PowerSpectrum {
  const half = length / 2
  const factors = factorsOf(half)
  const stages = planOf(half, factors)
  const splitCos = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / length))
  const splitSin = Float64Array.from({ length: half + 1 }, (_, k) => -Math.sin((2 * Math.PI * k) / length))
  let from: Plane = { re: new Float64Array(half), im: new Float64Array(half) }
  let to: Plane = { re: new Float64Array(half), im: new Float64Array(half) }

  return {
    bins: half + 1,
    transform(frame, power) {
      for (let k = 0; k < half; k++) {
        from.re[k] = frame[2 * k] as number
        from.im[k] = frame[2 * k + 1] as number
      }
      for (const stage of stages) {
        stage.run(stage, from, to)
        const swap = from
        from = to
        to = swap
      }
      const { re, im } = from
      for (let k = 0; k <= half; k++) {
        const a = k % half
        const b = (half - k) % half
        const evenRe = ((re[a] as number) + (re[b] as number)) / 2
        const evenIm = ((im[a] as number) - (im[b] as number)) / 2
        const oddRe = ((im[a] as number) + (im[b] as number)) / 2
        const oddIm = ((re[b] as number) - (re[a] as number)) / 2
        const cos = splitCos[k] as number
        const sin = splitSin[k] as number
        const x = evenRe + oddRe * cos - oddIm * sin
        const y = evenIm + oddRe * sin + oddIm * cos
        power[k] = x * x + y * y
      }
    },
  }
}

interface Plane {
  re: Float64Array
  im: Float64Array
}

interface Stage {
  /** Length of the sub-transforms that are left, divided by this stage's factor. */
  m: number
  stride: number
  /** Twiddles w^(p·k): for each p, k = 1 … factor − 1. */
  cos: Float64Array
  sin: Float64Array
  run: (stage: Stage, from: Plane, to: Plane) => void
}

function factorsOf(length: number): number[] {
  const factors: number[] = []
  let rest = length
  for (const factor of [4, 2, 5]) {
    while (rest % factor === 0 && rest > 1) {
      factors.push(factor)
      rest /= factor
    }
  }
  if (rest !== 1) throw new RangeError(`a transform of ${2 * length} samples is not supported`)
  return factors
}

function planOf(length: number, factors: number[]): Stage[] {
  const butterflies = new Map([
    [2, radix2],
    [4, radix4],
    [5, radix5],
  ])
  const stages: Stage[] = []
  let rest = length
  let stride = 1
  for (const factor of factors) {
    const m = rest / factor
    const angles = Array.from({ length: m }, (_, p) =>
      Array.from({ length: factor - 1 }, (_, k) => (-2 * Math.PI * p * (k + 1)) / rest),
    ).flat()
    const run = butterflies.get(factor)
    if (run === undefined) throw new RangeError(`no butterfly of ${factor}`)
    stages.push({
      m,
      stride,
      cos: Float64Array.from(angles, Math.cos),
      sin: Float64Array.from(angles, Math.sin),
      run,
    })
    rest = m
    stride *= factor
  }
  return stages
}

function radix2({ m, stride, cos, sin }: Stage, from: Plane, to: Plane): void {
  for (let p = 0; p < m; p++) {
    const c = cos[p] as number
    const s = sin[p] as number
    for (let q = 0; q < stride; q++) {
      const i = q + stride * p
      const j = i + stride * m
      const ar = from.re[i] as number
      const ai = from.im[i] as number
      const br = from.re[j] as number
      const bi = from.im[j] as number
      const o = q + stride * 2 * p
      to.re[o] = ar + br
      to.im[o] = ai + bi
      to.re[o + stride] = (ar - br) * c - (ai - bi) * s
      to.im[o + stride] = (ar - br) * s + (ai - bi) * c
    }
  }
}

function radix4({ m, stride, cos, sin }: Stage, from: Plane, to: Plane): void {
  const step = stride * m
  for (let p = 0; p < m; p++) {
    for (let q = 0; q < stride; q++) {
      const i = q + stride * p
      const ar = from.re[i] as number
      const ai = from.im[i] as number
      const br = from.re[i + step] as number
      const bi = from.im[i + step] as number
      const cr = from.re[i + 2 * step] as number
      const ci = from.im[i + 2 * step] as number
      const dr = from.re[i + 3 * step] as number
      const di = from.im[i + 3 * step] as number
      const o = q + stride * 4 * p
      to.re[o] = ar + cr + (br + dr)
      to.im[o] = ai + ci + (bi + di)
      put(to, o + stride, ar - cr + (bi - di), ai - ci - (br - dr), cos[3 * p] as number, sin[3 * p] as number)
      put(
        to,
        o + 2 * stride,
        ar + cr - (br + dr),
        ai + ci - (bi + di),
        cos[3 * p + 1] as number,
        sin[3 * p + 1] as number,
      )
      put(
        to,
        o + 3 * stride,
        ar - cr - (bi - di),
        ai - ci + (br - dr),
        cos[3 * p + 2] as number,
        sin[3 * p + 2] as number,
      )
    }
  }
}

const c1 = Math.cos((2 * Math.PI) / 5)
const c2 = Math.cos((4 * Math.PI) / 5)
const s1 = Math.sin((2 * Math.PI) / 5)
const s2 = Math.sin((4 * Math.PI) / 5)

function radix5({ m, stride, cos, sin }: Stage, from: Plane, to: Plane): void {
  const step = stride * m
  for (let p = 0; p < m; p++) {
    for (let q = 0; q < stride; q++) {
      const i = q + stride * p
      const ar = from.re[i] as number
      const ai = from.im[i] as number
      const br = (from.re[i + step] as number) + (from.re[i + 4 * step] as number)
      const bi = (from.im[i + step] as number) + (from.im[i + 4 * step] as number)
      const er = (from.re[i + step] as number) - (from.re[i + 4 * step] as number)
      const ei = (from.im[i + step] as number) - (from.im[i + 4 * step] as number)
      const cr = (from.re[i + 2 * step] as number) + (from.re[i + 3 * step] as number)
      const ci = (from.im[i + 2 * step] as number) + (from.im[i + 3 * step] as number)
      const dr = (from.re[i + 2 * step] as number) - (from.re[i + 3 * step] as number)
      const di = (from.im[i + 2 * step] as number) - (from.im[i + 3 * step] as number)
      const xr = ar + c1 * br + c2 * cr
      const xi = ai + c1 * bi + c2 * ci
      const yr = ar + c2 * br + c1 * cr
      const yi = ai + c2 * bi + c1 * ci
      const ur = s1 * er + s2 * dr
      const ui = s1 * ei + s2 * di
      const vr = s2 * er - s1 * dr
      const vi = s2 * ei - s1 * di
      const o = q + stride * 5 * p
      const t = 4 * p
      to.re[o] = ar + br + cr
      to.im[o] = ai + bi + ci
      put(to, o + stride, xr + ui, xi - ur, cos[t] as number, sin[t] as number)
      put(to, o + 2 * stride, yr + vi, yi - vr, cos[t + 1] as number, sin[t + 1] as number)
      put(to, o + 3 * stride, yr - vi, yi + vr, cos[t + 2] as number, sin[t + 2] as number)
      put(to, o + 4 * stride, xr - ui, xi + ur, cos[t + 3] as number, sin[t + 3] as number)
    }
  }
}

/** Writes (re + i·im)·(cos + i·sin). */
function put(to: Plane, at: number, re: number, im: number, cos: number, sin: number): void {
  to.re[at] = re * cos - im * sin
  to.im[at] = re * sin + im * cos
}
