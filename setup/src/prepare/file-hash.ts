import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { SetupFailure } from '../failure.js'

/** sha256 of a file, as lower-case hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/** Refuses a file whose content is not the pinned one; `what` names it for the message. */
export async function checkHash(path: string, sha256: string, what: string): Promise<void> {
  const found = await hashFile(path)
  if (found === sha256) return
  throw new SetupFailure(
    `${what} is not the file it should be: its sha256 is ${found}, not ${sha256}.`,
    'It was removed and is not used. Start again to fetch it once more. If this repeats, the registry or a proxy on the\n' +
      'way serves a changed file: compare the sha256 with the one that the registry itself shows for this version.',
  )
}
