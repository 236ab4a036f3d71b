import { createMelFilters } from './mel-filters.js'
import { createPowerSpectrum } from './real-fft.js'

export const smartTurnRateHz = 16_000
/** What the model looks at: the last 8 s. */
export const smartTurnSamples = 8 * smartTurnRateHz
export const melBands = 80
export const melFrames = 800

const frameSamples = 400
const hopSamples = 160
const lowestPower = 1e-10
const varianceFloor = 1e-7

const spectrum = createPowerSpectrum(frameSamples)
const filters = createMelFilters(melBands, spectrum.bins, smartTurnRateHz)
/** Periodic Hann window. */
const hann = Float64Array.from(
  { length: frameSamples },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frameSamples),
)

/**
 * Whisper's log-mel spectrogram (Radford et al. 2022) of 8 s, of the waveform brought to mean 0 and variance 1.
 * Shorter audio is put at the end, with zeros in front; of longer audio the end is taken.
 * @param pcm 16 kHz, mono.
 * @returns 80 bands by 800 frames, band after band.
 */
export function logMelFeatures(pcm: Int16Array): Float32Array {
  const wave = normalisedWave(pcm)
  const firstSoundSample = smartTurnSamples - Math.min(pcm.length, smartTurnSamples)
  const features = new Float32Array(melBands * melFrames)
  const frame = new Float64Array(frameSamples)
  const power = new Float64Array(spectrum.bins)
  let highest = Number.NEGATIVE_INFINITY
  let paddingFrame = -1

  for (let column = 0; column < melFrames; column++) {
    const from = column * hopSamples - frameSamples / 2
    const isPadding = from >= 0 && from + frameSamples <= firstSoundSample
    if (isPadding && paddingFrame >= 0) {
      // All frames of padding are the same.
      for (let band = 0; band < melBands; band++) {
        features[band * melFrames + column] = features[band * melFrames + paddingFrame] as number
      }
      continue
    }
    if (isPadding) paddingFrame = column
    for (let i = 0; i < frameSamples; i++) frame[i] = (wave[reflected(from + i)] as number) * (hann[i] as number)
    spectrum.transform(frame, power)
    for (let band = 0; band < melBands; band++) {
      const { firstBin, weights } = filters[band] as (typeof filters)[number]
      let sum = 0
      for (let k = 0; k < weights.length; k++) sum += (weights[k] as number) * (power[firstBin + k] as number)
      const level = Math.log10(Math.max(lowestPower, sum))
      features[band * melFrames + column] = level
      if (level > highest) highest = level
    }
  }

  // Whisper's own scaling: a range of 8 decades below the highest value, to about -1 … 1.
  const lowest = highest - 8
  for (let i = 0; i < features.length; i++) features[i] = (Math.max(lowest, features[i] as number) + 4) / 4
  return features
}

/** The last 8 s as floats, zeros in front, then shifted and scaled as a whole. */
function normalisedWave(pcm: Int16Array): Float32Array {
  const sound = pcm.length > smartTurnSamples ? pcm.subarray(pcm.length - smartTurnSamples) : pcm
  const padding = smartTurnSamples - sound.length
  let sum = 0
  let squares = 0
  for (let i = 0; i < sound.length; i++) {
    const sample = (sound[i] as number) / 32768
    sum += sample
    squares += sample * sample
  }
  const mean = sum / smartTurnSamples
  const scale = 1 / Math.sqrt(Math.max(0, squares / smartTurnSamples - mean * mean) + varianceFloor)
  const wave = new Float32Array(smartTurnSamples).fill(-mean * scale)
  for (let i = 0; i < sound.length; i++) wave[padding + i] = ((sound[i] as number) / 32768 - mean) * scale
  return wave
}

/** Frames are centred on their hop; beyond the ends the wave is mirrored, the end sample not repeated. */
function reflected(index: number): number {
  if (index < 0) return -index
  return index < smartTurnSamples ? index : 2 * (smartTurnSamples - 1) - index
}
