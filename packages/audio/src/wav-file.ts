import { type FileHandle, open } from 'node:fs/promises'
import { interleave, WAV_HEADER_BYTES, wavHeader } from './wav.js'

/** Audio is written to disk in pieces of about this size. */
const PIECE_BYTES = 64 * 1024
/** A disk that falls this far behind has failed: the recording ends there, memory does not grow. */
const LARGEST_BACKLOG_BYTES = 8 * 1024 * 1024

/**
 * A WAV that grows while a call runs. `write` never waits and never throws; the header, which counts the samples, is
 * patched at `close`, which also reports what went wrong. A file whose writer was killed is still read to its end.
 */
export class WavFile {
  readonly #handle: FileHandle
  readonly #rateHz: number
  readonly #channelCount: number
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #backlogBytes = 0
  #dataBytes = 0
  #writing: Promise<void> = Promise.resolve()
  #failure: unknown
  #closed: Promise<void> | undefined

  private constructor(handle: FileHandle, rateHz: number, channelCount: number) {
    this.#handle = handle
    this.#rateHz = rateHz
    this.#channelCount = channelCount
    this.#pending.push(wavHeader(rateHz, channelCount, 0xffffffff))
    this.#pendingBytes = WAV_HEADER_BYTES
  }

  /** Creates (or replaces) the file at `path`. */
  static async create(path: string, rateHz: number, channelCount: number): Promise<WavFile> {
    return new WavFile(await open(path, 'w'), rateHz, channelCount)
  }

  /** Appends samples, one array a channel; shorter channels are filled up with silence. */
  write(...channels: Int16Array[]): void {
    if (this.#closed || this.#failure !== undefined) return
    if (channels.length !== this.#channelCount) {
      this.#failure = new RangeError(`recording has ${this.#channelCount} channels, got ${channels.length}`)
      return
    }
    const bytes = interleave(channels)
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    this.#dataBytes += bytes.length
    if (this.#pendingBytes >= PIECE_BYTES) this.#drain()
  }

  /** Length so far, in samples per channel. */
  get samples(): number {
    return this.#dataBytes / (2 * this.#channelCount)
  }

  /** Writes what is left and the true header. Rejects with the first failure; the file is closed in any case. */
  close(): Promise<void> {
    this.#closed ??= this.#finish()
    return this.#closed
  }

  #drain(): void {
    const piece = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    this.#backlogBytes += piece.length
    if (this.#backlogBytes > LARGEST_BACKLOG_BYTES) {
      this.#failure = new Error('the disk cannot keep up with the recording')
      return
    }
    this.#writing = this.#writing
      .then(() => this.#handle.appendFile(piece))
      .catch((error: unknown) => {
        this.#failure ??= error
      })
      .finally(() => {
        this.#backlogBytes -= piece.length
      })
  }

  async #finish(): Promise<void> {
    try {
      this.#drain()
      await this.#writing
      const size = (await this.#handle.stat()).size
      const header = wavHeader(this.#rateHz, this.#channelCount, Math.max(0, size - WAV_HEADER_BYTES))
      await this.#handle.write(header, 0, header.length, 0)
    } finally {
      await this.#handle.close()
    }
    if (this.#failure !== undefined) throw this.#failure
  }
}
