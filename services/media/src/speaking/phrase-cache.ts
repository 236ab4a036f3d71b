/** What makes two syntheses the same sound. */
export interface Phrase {
  text: string
  voice: string
  speed: number
}

/** Finished audio of phrases that agents say again and again (8 kHz), least recently used out. */
export class PhraseCache {
  #entries = new Map<string, Int16Array>()
  #bytes = 0
  #maxBytes: number

  constructor(maxBytes = 64 * 1024 * 1024) {
    this.#maxBytes = maxBytes
  }

  get(phrase: Phrase): Int16Array | undefined {
    const key = keyOf(phrase)
    const pcm = this.#entries.get(key)
    if (pcm) {
      this.#entries.delete(key)
      this.#entries.set(key, pcm)
    }
    return pcm
  }

  has(phrase: Phrase): boolean {
    return this.#entries.has(keyOf(phrase))
  }

  set(phrase: Phrase, pcm: Int16Array): void {
    const key = keyOf(phrase)
    this.#bytes += pcm.byteLength - (this.#entries.get(key)?.byteLength ?? 0)
    this.#entries.delete(key)
    this.#entries.set(key, pcm)
    for (const [oldest, audio] of this.#entries) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break
      this.#entries.delete(oldest)
      this.#bytes -= audio.byteLength
    }
  }
}

function keyOf(phrase: Phrase): string {
  return `${phrase.voice}\n${phrase.speed}\n${phrase.text}`
}
