import type { SpeechClient } from '@hotline/inference'
import type { Log } from '@hotline/observability'
import type { Agent } from '@hotline/storage'
import { fixedPhrases } from './fixed-phrases.js'
import type { PhraseCache } from './phrase-cache.js'
import { CALL_RATE_HZ, concatenate } from './speaker.js'

const SYNTHESIS_TIMEOUT_MS = 20_000

/**
 * Makes the phrases that agents say word for word before they are needed, one at a time: the greeting starts at once,
 * and the excuse can be spoken when the synthesizer itself has failed.
 */
export class PhraseWarmer {
  #client: SpeechClient
  #cache: PhraseCache
  #log: Log
  #abort = new AbortController()
  #tail: Promise<unknown> = Promise.resolve()
  /** By agent and version: what was made, or is being made. */
  #made = new Map<string, Promise<boolean>>()

  constructor(client: SpeechClient, cache: PhraseCache, log: Log) {
    this.#client = client
    this.#cache = cache
    this.#log = log
  }

  /** Resolves when this agent's phrases are there: true; or when one could not be made: false, and it may be tried again. */
  warm(agent: Agent): Promise<boolean> {
    const version = `${agent.id}@${agent.version}`
    const known = this.#made.get(version)
    if (known) return known
    const making = this.#tail.then(() => this.#make(agent))
    this.#tail = making
    this.#made.set(version, making)
    void making.then((made) => made || this.#made.delete(version))
    return making
  }

  close(): void {
    this.#abort.abort()
  }

  async #make(agent: Agent): Promise<boolean> {
    for (const text of fixedPhrases(agent)) {
      const phrase = { text, voice: agent.voice, speed: agent.speed }
      if (this.#cache.has(phrase) || this.#abort.signal.aborted) continue
      try {
        const pieces: Int16Array[] = []
        const audio = this.#client.synthesize({
          ...phrase,
          sampleRateHz: CALL_RATE_HZ,
          signal: this.#abort.signal,
          firstAudioTimeoutMs: SYNTHESIS_TIMEOUT_MS,
          gapTimeoutMs: SYNTHESIS_TIMEOUT_MS,
        })
        for await (const pcm of audio) pieces.push(pcm)
        this.#cache.set(phrase, concatenate(pieces))
      } catch (error) {
        if (!this.#abort.signal.aborted) this.#log.warn({ agent: agent.name, err: error }, 'phrase could not be made')
        return false
      }
    }
    return true
  }
}
