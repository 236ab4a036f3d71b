import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readWav, WAV_HEADER_BYTES, WavError, wavHeader, writeWav } from './wav.js'
import { WavFile } from './wav-file.js'

const left = Int16Array.of(1, -2, 300, -32768)
const right = Int16Array.of(9, 32767, 0, -1)

describe('WAV bytes', () => {
  it('reads back what it wrote', () => {
    expect(readWav(writeWav({ rateHz: 8000, channels: [left, right] }))).toEqual({
      rateHz: 8000,
      channels: [left, right],
    })
  })

  it('fills up the shorter channel with silence', () => {
    const { channels } = readWav(writeWav({ rateHz: 8000, channels: [left, Int16Array.of(5)] }))
    expect([...(channels[1] as Int16Array)]).toEqual([5, 0, 0, 0])
  })

  it('reads a stream whose header promises more than came', () => {
    const bytes = writeWav({ rateHz: 24000, channels: [left] })
    bytes.set(wavHeader(24000, 1, 0xffffffff))
    expect(readWav(bytes).channels[0]).toEqual(left)
  })

  it('skips chunks between format and data', () => {
    const whole = writeWav({ rateHz: 8000, channels: [left] })
    const list = Uint8Array.from([...'LIST'].map((c) => c.charCodeAt(0)).concat([3, 0, 0, 0, 1, 2, 3, 0]))
    const bytes = Uint8Array.from([...whole.subarray(0, 36), ...list, ...whole.subarray(36)])
    expect(readWav(bytes).channels[0]).toEqual(left)
  })

  it('throws WavError, nothing else, for damaged files', () => {
    const whole = writeWav({ rateHz: 8000, channels: [left, right] })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(WAV_HEADER_BYTES), fc.nat(255))), fc.nat(whole.length), (edits, length) => {
        const bytes = whole.slice(0, length)
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value
        try {
          readWav(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(WavError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('WAV file', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wav-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('holds every sample of a long stereo recording, header included', async () => {
    const path = join(folder, 'call.wav')
    const file = await WavFile.create(path, 8000, 2)
    for (let frame = 0; frame < 500; frame++) {
      file.write(new Int16Array(160).fill(frame), new Int16Array(160).fill(-frame))
    }
    expect(file.samples).toBe(500 * 160)
    await file.close()
    const bytes = await readFile(path)
    expect(bytes.readUInt32LE(40)).toBe(500 * 160 * 4)
    const { channels } = readWav(bytes)
    expect(channels[0]?.[499 * 160]).toBe(499)
    expect(channels[1]?.[499 * 160]).toBe(-499)
  })

  it('closes once, however often it is asked, and ignores what comes after', async () => {
    const path = join(folder, 'short.wav')
    const file = await WavFile.create(path, 8000, 1)
    file.write(left)
    const closing = file.close()
    file.write(left)
    expect(file.close()).toBe(closing)
    await closing
    expect(readWav(await readFile(path)).channels[0]).toEqual(left)
  })

  it('reports a mistake at close, not in the middle of a call', async () => {
    const file = await WavFile.create(join(folder, 'wrong.wav'), 8000, 2)
    expect(() => file.write(left)).not.toThrow()
    await expect(file.close()).rejects.toThrow(RangeError)
  })
})
