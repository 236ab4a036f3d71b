import { mkdir, statfs } from 'node:fs/promises'
import { SetupFailure } from '../failure.js'
import { formatBytes } from '../progress/format.js'

/** Refuses to begin a step that the disk has no room for. `neededBytes` is what the step will leave and use on its way. */
export async function checkFreeSpace(folder: string, neededBytes: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  if (freeBytes < neededBytes) throw diskFull(folder, neededBytes, freeBytes)
}

/** The message for a disk that is too small. */
export function diskFull(folder: string, neededBytes: number, freeBytes: number): SetupFailure {
  return new SetupFailure(
    `${folder} has ${formatBytes(freeBytes)} free, and set-up still needs about ${formatBytes(neededBytes)}.`,
    'Free some space, or set HOTLINE_CACHE to a folder on a larger disk, and start again: what is done is kept.',
  )
}
