import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ArtifactInfo, ArtifactNotFoundError, type ArtifactStore, assertArtifactKey } from './store.js'

const PARTS_FOLDER = '.parts'
/** A part file older than this belongs to a process that died. */
const STALE_PART_MS = 24 * 3_600_000

/** Folder in which a writer may build an artifact of its own (same disk as the store), to `adopt` it when whole. */
export interface FolderArtifactStore extends ArtifactStore {
  /** A fresh path to write to, outside of what readers see. */
  stage(key: string): Promise<string>
  /** Makes a staged file the artifact of this key, at once and whole. */
  adopt(key: string, stagedPath: string): Promise<ArtifactInfo>
}

/** Artifacts as files below `folder`; writes go to a part file, are synced and then renamed. */
export function createFolderArtifactStore(folder: string): FolderArtifactStore {
  const pathOf = (key: string): string => {
    assertArtifactKey(key)
    return join(folder, key)
  }
  const parts = join(folder, PARTS_FOLDER)
  let swept: Promise<void> | null = null

  async function info(key: string): Promise<ArtifactInfo | null> {
    const found = await stat(pathOf(key)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
      throw error
    })
    return found?.isFile() ? { key, sizeBytes: found.size, modifiedAt: Math.round(found.mtimeMs) } : null
  }

  async function stage(key: string): Promise<string> {
    assertArtifactKey(key)
    await mkdir(parts, { recursive: true })
    swept ??= sweep(parts)
    await swept
    return join(parts, `${basename(key).slice(-80)}.${randomBytes(6).toString('hex')}`)
  }

  async function adopt(key: string, stagedPath: string): Promise<ArtifactInfo> {
    const target = pathOf(key)
    const file = await open(stagedPath, 'r')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
    await mkdir(dirname(target), { recursive: true })
    await rename(stagedPath, target)
    const stored = await info(key)
    if (!stored) throw new ArtifactNotFoundError(key)
    return stored
  }

  return {
    stat: info,
    stage,
    adopt,

    async put(key, body) {
      const staged = await stage(key)
      try {
        const source = body instanceof Readable ? body : Readable.from([body])
        await pipeline(source, createWriteStream(staged))
        return await adopt(key, staged)
      } catch (error) {
        await rm(staged, { force: true })
        throw error
      }
    },

    async read(key, range) {
      const file = await open(pathOf(key), 'r').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new ArtifactNotFoundError(key)
        throw error
      })
      return createReadStream('', { fd: file, autoClose: true, ...(range ?? {}) })
    },

    async remove(key) {
      const there = (await info(key)) !== null
      await rm(pathOf(key), { force: true })
      return there
    },
  }
}

async function sweep(parts: string): Promise<void> {
  for (const name of await readdir(parts)) {
    const path = join(parts, name)
    const found = await stat(path).catch(() => null)
    if (found && Date.now() - found.mtimeMs > STALE_PART_MS) await rm(path, { force: true })
  }
}
