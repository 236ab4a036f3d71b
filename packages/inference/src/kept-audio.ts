/** Audio bytes kept so that they can be sent again; the oldest go first when there is too much. */
export interface KeptAudio {
  readonly bytes: number
  /** Keeps a copy. */
  append(audio: Uint8Array): void
  /** Puts what another one holds in front, and leaves the other empty. */
  prepend(earlier: KeptAudio): void
  /** The audio in order, in pieces of at most `maxPieceBytes`. */
  pieces(maxPieceBytes: number): Iterable<Uint8Array>
  /** Hands over the chunks and forgets them. */
  take(): Uint8Array[]
  clear(): void
}

/** @param maxBytes a bound on what is kept, in bytes of the wire format. */
export function createKeptAudio(maxBytes: number): KeptAudio {
  let chunks: Uint8Array[] = []
  let bytes = 0

  const trim = (): void => {
    let drop = 0
    while (bytes > maxBytes && drop < chunks.length) bytes -= chunks[drop++]?.length ?? 0
    if (drop > 0) chunks = chunks.slice(drop)
  }

  return {
    get bytes() {
      return bytes
    },
    append(audio) {
      if (audio.length === 0) return
      chunks.push(Uint8Array.from(audio))
      bytes += audio.length
      trim()
    },
    prepend(earlier) {
      const first = earlier.take()
      for (const chunk of first) bytes += chunk.length
      chunks = [...first, ...chunks]
      trim()
    },
    *pieces(maxPieceBytes) {
      const whole = Buffer.concat(chunks)
      for (let at = 0; at < whole.length; at += maxPieceBytes) yield whole.subarray(at, at + maxPieceBytes)
    },
    take() {
      const taken = chunks
      chunks = []
      bytes = 0
      return taken
    },
    clear() {
      chunks = []
      bytes = 0
    },
  }
}
