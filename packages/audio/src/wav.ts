/** RIFF/WAVE, 16-bit PCM: what recordings are written in and prompts are read from. */

export const WAV_HEADER_BYTES = 44
/** The format's sizes are 32-bit; a longer recording says so in its header and readers go by the file's end. */
const LARGEST_DATA_BYTES = 0xffffffff - 36

/** What a WAV holds: samples per channel, all channels of the same length. */
export interface Wav {
  rateHz: number
  /** One array a channel: 0 left, 1 right. */
  channels: Int16Array[]
}

/** A file that is not a WAV of 16-bit PCM. */
export class WavError extends Error {
  override name = 'WavError'
}

/** The 44 bytes in front of `dataBytes` of interleaved 16-bit samples. */
export function wavHeader(rateHz: number, channelCount: number, dataBytes: number): Uint8Array {
  const header = new Uint8Array(WAV_HEADER_BYTES)
  const view = new DataView(header.buffer)
  const size = Math.min(dataBytes, LARGEST_DATA_BYTES)
  const tag = (at: number, text: string) => {
    for (let i = 0; i < 4; i++) header[at + i] = text.charCodeAt(i)
  }
  tag(0, 'RIFF')
  view.setUint32(4, 36 + size, true)
  tag(8, 'WAVE')
  tag(12, 'fmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, channelCount, true)
  view.setUint32(24, rateHz, true)
  view.setUint32(28, rateHz * channelCount * 2, true)
  view.setUint16(32, channelCount * 2, true)
  view.setUint16(34, 16, true)
  tag(36, 'data')
  view.setUint32(40, size, true)
  return header
}

/** Samples of all channels in turn, little-endian, as they follow the header. Shorter channels end in silence. */
export function interleave(channels: readonly Int16Array[]): Uint8Array {
  const length = Math.max(0, ...channels.map((channel) => channel.length))
  const bytes = new Uint8Array(length * channels.length * 2)
  let at = 0
  for (let i = 0; i < length; i++) {
    for (const channel of channels) {
      const sample = channel[i] ?? 0
      bytes[at++] = sample & 0xff
      bytes[at++] = (sample >> 8) & 0xff
    }
  }
  return bytes
}

/** A whole WAV file. */
export function writeWav({ rateHz, channels }: Wav): Uint8Array {
  const data = interleave(channels)
  const bytes = new Uint8Array(WAV_HEADER_BYTES + data.length)
  bytes.set(wavHeader(rateHz, channels.length, data.length))
  bytes.set(data, WAV_HEADER_BYTES)
  return bytes
}

/**
 * Reads a WAV of 16-bit PCM. A data chunk that claims more than there is (a writer that was killed, a stream) is
 * read to the end of what came. Throws `WavError` for anything else.
 */
export function readWav(bytes: Uint8Array): Wav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new WavError('not a RIFF/WAVE file')
  let format: { rateHz: number; channelCount: number } | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = tag(at)
    const size = view.getUint32(at + 4, true)
    const body = at + 8
    if (id === 'fmt ') {
      if (size < 16 || body + 16 > bytes.length) throw new WavError('format chunk cut short')
      const encoding = view.getUint16(body, true)
      const channelCount = view.getUint16(body + 2, true)
      const rateHz = view.getUint32(body + 4, true)
      const bits = view.getUint16(body + 14, true)
      // 0xfffe: WAVE_FORMAT_EXTENSIBLE, whose sub-format is PCM in every 16-bit file met.
      if ((encoding !== 1 && encoding !== 0xfffe) || bits !== 16) {
        throw new WavError(`need 16-bit PCM, got encoding ${encoding} with ${bits} bits`)
      }
      if (channelCount < 1 || channelCount > 8 || rateHz < 1) throw new WavError('absurd channel count or sample rate')
      format = { rateHz, channelCount }
    } else if (id === 'data') {
      if (!format) throw new WavError('data before format')
      const { rateHz, channelCount } = format
      const frames = Math.floor(Math.min(size, bytes.length - body) / (2 * channelCount))
      const channels = Array.from({ length: channelCount }, (_, channel) =>
        Int16Array.from({ length: frames }, (_, i) => view.getInt16(body + 2 * (i * channelCount + channel), true)),
      )
      return { rateHz, channels }
    }
    at = body + size + (size & 1)
  }
  throw new WavError('no data chunk')
}
