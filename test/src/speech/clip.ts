import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readWav } from '../wire/wav.js'

/** One utterance of a caller, with where its sound begins and ends. */
export interface Clip {
  name: string
  /** What is said; empty for a noise. */
  text: string
  source: string
  licence: string
  durationMs: number
  firstVoicedSample: number
  lastVoicedSample: number
  longestPauseMs: number
  /** 8 kHz, mono. */
  pcm: Int16Array
}

/** The folder of clips, from the sources as from the build. */
export const speechFolder = new URL(
  import.meta.url.includes('/dist/') ? '../../../fixtures/speech/' : '../../fixtures/speech/',
  import.meta.url,
)

const labels: Omit<Clip, 'pcm'>[] = JSON.parse(readFileSync(new URL('labels.json', speechFolder), 'utf8'))

/** A clip by its name; throws where there is none. */
export function clip(name: string): Clip {
  const label = labels.find((candidate) => candidate.name === name)
  if (!label) throw new Error(`no clip "${name}" in ${fileURLToPath(speechFolder)}labels.json`)
  const { rateHz, channels } = readWav(readFileSync(new URL(`${name}.wav`, speechFolder)))
  const [pcm] = channels
  if (rateHz !== 8000 || !pcm) throw new Error(`clip "${name}" is not 8 kHz mono`)
  return { ...label, pcm }
}

/** Every clip with words, in the order of the labels. */
export function spokenClips(): Clip[] {
  return labels.filter(({ text }) => text !== '').map(({ name }) => clip(name))
}

/** One track: silence of `leadMs`, then each clip followed by `gapMs` of silence. 8 kHz. */
export function track(clips: Clip[], leadMs: number, gapMs: number): Int16Array {
  const samples = (ms: number) => Math.round(ms * 8)
  const length = samples(leadMs) + clips.reduce((sum, { pcm }) => sum + pcm.length + samples(gapMs), 0)
  const pcm = new Int16Array(length)
  let at = samples(leadMs)
  for (const one of clips) {
    pcm.set(one.pcm, at)
    at += one.pcm.length + samples(gapMs)
  }
  return pcm
}
