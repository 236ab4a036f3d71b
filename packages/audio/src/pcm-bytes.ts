/** 16-bit little-endian PCM bytes, as APIs carry it, to and from samples. */

const LITTLE_ENDIAN_HOST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Samples of little-endian bytes, copied; an odd last byte is left out (see `PcmByteReader` for streams). */
export function pcmOfBytes(bytes: Uint8Array): Int16Array {
  const length = bytes.length >> 1
  const pcm = new Int16Array(length)
  if (LITTLE_ENDIAN_HOST) {
    new Uint8Array(pcm.buffer).set(bytes.subarray(0, 2 * length))
    return pcm
  }
  for (let i = 0; i < length; i++) pcm[i] = (bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8)
  return pcm
}

/** Little-endian bytes of samples, copied. */
export function bytesOfPcm(pcm: Int16Array): Uint8Array {
  if (LITTLE_ENDIAN_HOST) return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength).slice()
  const bytes = new Uint8Array(2 * pcm.length)
  for (let i = 0; i < pcm.length; i++) {
    bytes[2 * i] = (pcm[i] as number) & 0xff
    bytes[2 * i + 1] = ((pcm[i] as number) >> 8) & 0xff
  }
  return bytes
}

/** Base64 of little-endian PCM, as in the Realtime API's `input_audio_buffer.append`. */
export function base64OfPcm(pcm: Int16Array): string {
  return Buffer.from(bytesOfPcm(pcm)).toString('base64')
}

/** Samples of base64 little-endian PCM. */
export function pcmOfBase64(text: string): Int16Array {
  return pcmOfBytes(Buffer.from(text, 'base64'))
}

/** Samples of a byte stream that may be cut anywhere, in the middle of a sample too. */
export class PcmByteReader {
  #odd = -1

  /** Takes the next bytes, gives the whole samples. */
  push(bytes: Uint8Array): Int16Array {
    if (bytes.length === 0) return new Int16Array(0)
    let whole = bytes
    if (this.#odd >= 0) {
      whole = new Uint8Array(bytes.length + 1)
      whole[0] = this.#odd
      whole.set(bytes, 1)
    }
    this.#odd = whole.length & 1 ? (whole[whole.length - 1] as number) : -1
    return pcmOfBytes(whole)
  }
}
