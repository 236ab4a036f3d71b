import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint, isStamped, writeWhole } from './stamp.js'

describe('stamp', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stamp-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('a step that never finished is not taken for done', async () => {
    expect(await isStamped(join(folder, 'absent'), fingerprint('a'))).toBe(false)
  })

  it('a half-written stamp is not taken for done', async () => {
    const print = fingerprint('a')
    await writeFile(join(folder, 'stamp'), print.slice(0, 7))
    expect(await isStamped(join(folder, 'stamp'), print)).toBe(false)
  })

  it('a changed input makes the step run again', async () => {
    await writeWhole(join(folder, 'deep', 'stamp'), fingerprint('torch==1'))
    expect(await isStamped(join(folder, 'deep', 'stamp'), fingerprint('torch==1'))).toBe(true)
    expect(await isStamped(join(folder, 'deep', 'stamp'), fingerprint('torch==2'))).toBe(false)
  })

  it('no temporary file is left beside the stamp', async () => {
    await writeWhole(join(folder, 'stamp'), 'x')
    expect(await readdir(folder)).toEqual(['stamp'])
  })

  it('two writers at once leave one whole file', async () => {
    await Promise.all(['a', 'b', 'c'].map((text) => writeWhole(join(folder, 'stamp'), text.repeat(1000))))
    expect(await readFile(join(folder, 'stamp'), 'utf8')).toMatch(/^(a{1000}|b{1000}|c{1000})$/)
    expect(await readdir(folder)).toEqual(['stamp'])
  })

  it('inputs that only touch when joined are told apart', () => {
    expect(fingerprint('ab', 'c')).not.toBe(fingerprint('a', 'bc'))
  })
})
