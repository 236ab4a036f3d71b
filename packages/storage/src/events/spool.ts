import { appendFile, mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** A first-in-first-out queue of lines in a folder of append-only files. One process at a time; calls one after another. */
export interface Spool {
  isEmpty(): boolean
  /** Adds lines (without line breaks in them) behind all others. Rejects with the file system's error when it cannot. */
  append(lines: readonly string[]): Promise<void>
  /** The oldest file's lines, or null when there is none. Call `done` when they are safe elsewhere: the file goes. */
  head(): Promise<{ lines: string[]; done: () => Promise<void> } | null>
}

export interface SpoolOptions {
  folder: string
  /** A file is closed and the next begun at this size. Default 1 MiB. */
  segmentBytes?: number
}

const SUFFIX = '.jsonl'
const nameOf = (index: number): string => String(index).padStart(12, '0') + SUFFIX

/** Opens the folder, with what an earlier process left in it. */
export async function openSpool({ folder, segmentBytes = 1024 * 1024 }: SpoolOptions): Promise<Spool> {
  await mkdir(folder, { recursive: true })
  const segments = (await readdir(folder))
    .filter((name) => /^\d{12}\.jsonl$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b)
  let next = (segments.at(-1) ?? 0) + 1
  // An earlier process may have died within a line, so its last file is never appended to.
  let tail: { index: number; bytes: number } | null = null

  return {
    isEmpty: () => segments.length === 0,

    async append(lines) {
      if (lines.length === 0) return
      if (tail && tail.bytes >= segmentBytes) tail = null
      if (!tail) {
        tail = { index: next, bytes: 0 }
        next += 1
        segments.push(tail.index)
      }
      const path = join(folder, nameOf(tail.index))
      const block = `${lines.join('\n')}\n`
      try {
        await appendFile(path, block)
        tail.bytes += Buffer.byteLength(block)
      } catch (error) {
        // A part may have been written: the next append goes to a new file; a repeated line does no harm.
        const written = await stat(path).catch(() => null)
        if (!written) segments.splice(segments.indexOf(tail.index), 1)
        tail = null
        throw error
      }
    },

    async head() {
      const index = segments[0]
      if (index === undefined) return null
      if (tail?.index === index) tail = null
      const path = join(folder, nameOf(index))
      const text = await readFile(path, 'utf8')
      return {
        lines: text.split('\n').filter((line) => line.length > 0),
        async done() {
          await unlink(path).catch((error: NodeJS.ErrnoException) => {
            if (error.code !== 'ENOENT') throw error
          })
          if (segments[0] === index) segments.shift()
        },
      }
    },
  }
}
