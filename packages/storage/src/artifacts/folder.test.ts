import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFolderArtifactStore, type FolderArtifactStore } from './folder.js'
import { ArtifactNotFoundError, InvalidArtifactKeyError } from './store.js'

let folder: string
let store: FolderArtifactStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-artifacts-'))
  store = createFolderArtifactStore(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('folder artifact store', () => {
  it('serves a range whose both ends are included', async () => {
    await store.put('recordings/c1.wav', Buffer.from('0123456789'))
    expect(await text(await store.read('recordings/c1.wav', { start: 2, end: 4 }))).toBe('234')
    expect(await text(await store.read('recordings/c1.wav'))).toBe('0123456789')
    expect(await store.stat('recordings/c1.wav')).toMatchObject({ key: 'recordings/c1.wav', sizeBytes: 10 })
  })

  it('refuses keys that lead out of the folder or to its part files', async () => {
    for (const key of [
      '../x',
      'a/../../x',
      '/etc/passwd',
      'a//b',
      '',
      '.',
      '.parts/x',
      'a\u0000b',
      'a\\..\\b',
      'x'.repeat(600),
    ]) {
      await expect(store.put(key, Buffer.from('x')), key).rejects.toBeInstanceOf(InvalidArtifactKeyError)
      await expect(store.read(key), key).rejects.toBeInstanceOf(InvalidArtifactKeyError)
    }
  })

  it('shows nothing of an artifact whose source broke off', async () => {
    const broken = new Readable({
      read() {
        this.push('half')
        this.destroy(new Error('broke off'))
      },
    })
    await expect(store.put('a.wav', broken)).rejects.toThrow('broke off')
    expect(await store.stat('a.wav')).toBeNull()
    expect(await readdir(join(folder, '.parts'))).toEqual([])
  })

  it('adopts a file that was written in place elsewhere', async () => {
    const staged = await store.stage('deep/er/b.wav')
    await writeFile(staged, 'sound')
    expect(await store.stat('deep/er/b.wav')).toBeNull()
    await store.adopt('deep/er/b.wav', staged)
    expect(await text(await store.read('deep/er/b.wav'))).toBe('sound')
  })

  it('says so when there is nothing, rather than breaking in mid-stream', async () => {
    await expect(store.read('none.wav')).rejects.toBeInstanceOf(ArtifactNotFoundError)
    expect(await store.remove('none.wav')).toBe(false)
  })
})
