import { mkdir, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { sep } from 'node:path'
import { SetupFailure } from '../failure.js'
import type { Paths } from '../paths.js'
import { formatBytes } from '../progress/format.js'

/** What will be written to a folder, and the environment variable that puts the folder elsewhere. */
export interface SpaceNeed {
  readonly folder: string
  readonly variable: string
  /** What the steps will leave and use on their way. */
  readonly bytes: number
}

/** A folder's disk with less than this is taken for full when a step failed without saying why. */
const NEARLY_FULL_BYTES = 32e6
const NO_SPACE = /no space left on device|ENOSPC|disk quota exceeded|EDQUOT/i

/** Refuses to begin what a disk has no room for; needs on the same disk add up. @throws SetupFailure */
export async function checkFreeSpace(needs: readonly SpaceNeed[]): Promise<void> {
  const perDisk = new Map<number, SpaceNeed>()
  for (const need of needs) {
    await mkdir(need.folder, { recursive: true })
    const { dev } = await stat(need.folder)
    const before = perDisk.get(dev)
    perDisk.set(dev, before ? { ...before, bytes: before.bytes + need.bytes } : need)
  }
  for (const { folder, variable, bytes } of perDisk.values()) {
    const free = await freeBytes(folder)
    if (free >= bytes) continue
    throw new SetupFailure(
      `${folder} has ${formatBytes(free)} free, and set-up still needs about ${formatBytes(bytes)}.`,
      `Free some space, or set ${variable} to a folder on a larger disk, and start again: what is done is kept.`,
    )
  }
}

/**
 * The failure to show for one that struck while set-up was writing: one that says what to do when a disk is full, the
 * same otherwise. Many programs do not say that this is why they failed, so the disks are looked at too.
 */
export async function explainFullDisk(
  error: unknown,
  paths: Pick<Paths, 'cache' | 'models'>,
  measure: (folder: string) => Promise<number> = freeBytes,
): Promise<unknown> {
  const models = paths.models.startsWith(`${paths.cache}${sep}`) ? {} : { HOTLINE_MODELS: paths.models }
  const folders = { HOTLINE_CACHE: paths.cache, ...models, TMPDIR: tmpdir() }
  const disks = await Promise.all(
    Object.entries(folders).map(async ([variable, folder]) => ({
      variable,
      folder,
      free: await measure(folder).catch(() => Number.POSITIVE_INFINITY),
    })),
  )
  const text = error instanceof Error ? error.message : String(error)
  const full = disks.filter(({ free }) => free < NEARLY_FULL_BYTES)
  if (full.length === 0 && !NO_SPACE.test(text)) return error
  // A step that cleaned up behind itself leaves no disk that looks full: then all are named.
  const named = (full.length > 0 ? full : disks).filter(({ free }) => Number.isFinite(free))
  const lines = text.split('\n').map((line) => line.trim())
  const cause = lines.find((line) => NO_SPACE.test(line)) ?? lines.slice(-3).join('\n')
  return new SetupFailure(
    [
      'The disk is full.',
      ...named.map(({ folder, free, variable }) => `${folder} has ${formatBytes(free)} free now (${variable}).`),
      cause,
    ].join('\n'),
    `Free some space, or set ${named.map(({ variable }) => variable).join(' or ')} to a folder on a larger disk, and start again: what is done is kept.`,
    { cause: error },
  )
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
