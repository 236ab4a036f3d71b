/** 16-bit PCM audio: one array of samples a channel. */
export interface Wav {
  rateHz: number
  channels: Int16Array[]
}

const HEADER_BYTES = 44

/** Reads a RIFF/WAVE file of 16-bit PCM; throws on anything else. Chunks other than `fmt ` and `data` are skipped. */
export function readWav(bytes: Buffer): Wav {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error('not a WAV file')
  }
  let format: { channels: number; rateHz: number } | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    const body = bytes.subarray(at + 8, Math.min(at + 8 + size, bytes.length))
    if (id === 'fmt ') {
      const bits = body.readUInt16LE(14)
      if (bits !== 16) throw new Error(`WAV of ${bits} bits a sample; 16 wanted`)
      format = { channels: body.readUInt16LE(2), rateHz: body.readUInt32LE(4) }
    } else if (id === 'data') {
      if (!format) throw new Error('WAV data before its format')
      return { rateHz: format.rateHz, channels: deinterleave(body, format.channels) }
    }
    at += 8 + size + (size % 2)
  }
  throw new Error('WAV without data')
}

/** A RIFF/WAVE file of 16-bit PCM; channels shorter than the longest one end in silence. */
export function writeWav({ rateHz, channels }: Wav): Buffer {
  const length = Math.max(0, ...channels.map((channel) => channel.length))
  const blockBytes = channels.length * 2
  const bytes = Buffer.alloc(HEADER_BYTES + length * blockBytes)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(channels.length, 22)
  bytes.writeUInt32LE(rateHz, 24)
  bytes.writeUInt32LE(rateHz * blockBytes, 28)
  bytes.writeUInt16LE(blockBytes, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(length * blockBytes, 40)
  channels.forEach((channel, index) => {
    channel.forEach((sample, at) => {
      bytes.writeInt16LE(sample, HEADER_BYTES + at * blockBytes + index * 2)
    })
  })
  return bytes
}

function deinterleave(body: Buffer, count: number): Int16Array[] {
  const length = Math.floor(body.length / (2 * count))
  return Array.from({ length: count }, (_, index) =>
    Int16Array.from({ length }, (_, at) => body.readInt16LE((at * count + index) * 2)),
  )
}
