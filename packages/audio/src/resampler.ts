/** Sinc zero crossings kept on each side: sets steepness and latency (this many samples of the lower rate). */
const HALF_WIDTH = 16
/** Kaiser window shape; 8 keeps aliases about 80 dB down. */
const KAISER_BETA = 8
/** Passband as part of the lower rate's Nyquist frequency; what is above rolls off. */
const ROLLOFF = 0.94

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}

/** Zeroth-order modified Bessel function, by its power series. */
function besselI0(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

interface Filter {
  /** Input samples on each side of an output sample. */
  half: number
  /** `up` phases of `2 * half` coefficients. */
  phases: Float32Array[]
}

function designFilter(up: number, down: number): Filter {
  // Cut-off as part of the input's Nyquist frequency: the lower of the two rates decides.
  const cutoff = ROLLOFF * Math.min(1, up / down)
  const half = Math.ceil(HALF_WIDTH / Math.min(1, up / down))
  const norm = besselI0(KAISER_BETA)
  const phases: Float32Array[] = []
  for (let phase = 0; phase < up; phase++) {
    const taps = Float32Array.from({ length: 2 * half }, (_, k) => {
      const t = k - half + 1 - phase / up
      if (Math.abs(t) >= half) return 0
      const sinc = t === 0 ? 1 : Math.sin(Math.PI * cutoff * t) / (Math.PI * cutoff * t)
      return cutoff * sinc * (besselI0(KAISER_BETA * Math.sqrt(1 - (t / half) ** 2)) / norm)
    })
    // Every phase passes direct current unchanged, so that no tone appears at the phase rate.
    const sum = taps.reduce((total, tap) => total + tap, 0)
    phases.push(taps.map((tap) => tap / sum))
  }
  return { half, phases }
}

const filters = new Map<string, Filter>()

function filterFor(up: number, down: number): Filter {
  const key = `${up}/${down}`
  let filter = filters.get(key)
  if (!filter) {
    filter = designFilter(up, down)
    // A handful of rate pairs occur; the bound holds should a caller ask for absurd ones.
    if (filters.size < 64) filters.set(key, filter)
  }
  return filter
}

/**
 * Streaming sample-rate converter (polyphase windowed sinc, Crochiere & Rabiner 1983). Pieces of any size go in and
 * come out without seams; output sample n is input time n / toHz exactly, it only comes out `latencyMs` later.
 */
export class Resampler {
  /** How much input must follow a sample before its output can be made. */
  readonly latencyMs: number
  readonly #up: number
  readonly #down: number
  readonly #filter: Filter
  /** Input not used up yet, with `half` samples of history in front. */
  #buffer: Float32Array
  #filled: number
  /** Position of the next output in `#buffer`, in 1/up samples. */
  #position = 0
  #taken = 0
  #given = 0

  constructor(fromHz: number, toHz: number) {
    if (!Number.isInteger(fromHz) || !Number.isInteger(toHz) || fromHz < 1000 || toHz < 1000) {
      throw new RangeError(`sample rates must be whole numbers of at least 1000 Hz, got ${fromHz} and ${toHz}`)
    }
    const divisor = gcd(fromHz, toHz)
    this.#up = toHz / divisor
    this.#down = fromHz / divisor
    this.#filter = filterFor(this.#up, this.#down)
    this.latencyMs = fromHz === toHz ? 0 : (this.#filter.half * 1000) / fromHz
    this.#buffer = new Float32Array(4 * this.#filter.half)
    this.#filled = this.#filter.half - 1
  }

  /** Takes PCM at `fromHz`, gives what can be made of it at `toHz`. */
  push(pcm: Int16Array): Int16Array {
    if (this.#up === this.#down) return pcm.slice()
    this.#taken += pcm.length
    this.#append(pcm)
    const out = this.#convert()
    this.#given += out.length
    return out
  }

  /** Gives the rest, so that in all `round(samples in * toHz / fromHz)` came out, and starts afresh. */
  flush(): Int16Array {
    if (this.#up === this.#down) return new Int16Array(0)
    const missing = Math.max(0, Math.round((this.#taken * this.#up) / this.#down) - this.#given)
    this.#append(new Int16Array(2 * this.#filter.half))
    const rest = this.#convert().slice(0, missing)
    this.reset()
    return rest
  }

  /** Forgets what it has, as if new. */
  reset(): void {
    this.#buffer.fill(0)
    this.#filled = this.#filter.half - 1
    this.#position = 0
    this.#taken = 0
    this.#given = 0
  }

  #append(pcm: Int16Array): void {
    const wanted = this.#filled + pcm.length
    if (wanted > this.#buffer.length) {
      const grown = new Float32Array(2 * wanted)
      grown.set(this.#buffer.subarray(0, this.#filled))
      this.#buffer = grown
    }
    this.#buffer.set(pcm, this.#filled)
    this.#filled = wanted
  }

  #convert(): Int16Array {
    const { half, phases } = this.#filter
    const span = 2 * half
    const up = this.#up
    const usable = this.#filled - span
    const last = usable < 0 ? -1 : usable * up + (up - 1)
    const count = this.#position > last ? 0 : Math.floor((last - this.#position) / this.#down) + 1
    const out = new Int16Array(count)
    const buffer = this.#buffer
    let base = Math.floor(this.#position / up)
    let phase = this.#position - base * up
    const wholeStep = Math.floor(this.#down / up)
    const phaseStep = this.#down - wholeStep * up
    for (let n = 0; n < count; n++) {
      const taps = phases[phase] as Float32Array
      let sum = 0
      for (let k = 0; k < span; k++) sum += (buffer[base + k] as number) * (taps[k] as number)
      out[n] = sum > 32767 ? 32767 : sum < -32768 ? -32768 : Math.round(sum)
      base += wholeStep
      phase += phaseStep
      if (phase >= up) {
        phase -= up
        base++
      }
    }
    const drop = Math.min(base, this.#filled)
    this.#buffer.copyWithin(0, drop, this.#filled)
    this.#filled -= drop
    this.#position = (base - drop) * up + phase
    return out
  }
}

/** Converts a whole recording at once: `round(length * toHz / fromHz)` samples, in time with the input. */
export function resample(pcm: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return pcm.slice()
  const resampler = new Resampler(fromHz, toHz)
  const body = resampler.push(pcm)
  const tail = resampler.flush()
  const out = new Int16Array(body.length + tail.length)
  out.set(body)
  out.set(tail, body.length)
  return out
}
