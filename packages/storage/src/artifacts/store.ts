import type { Readable } from 'node:stream'

export interface ArtifactInfo {
  key: string
  sizeBytes: number
  /** Unix ms. */
  modifiedAt: number
}

/** First and last byte, both included, as in HTTP's ranges. */
export interface ByteRange {
  start: number
  end: number
}

/** Big things kept outside the database: recordings. A folder now; an object store fits behind the same calls. */
export interface ArtifactStore {
  /** Stores the body whole or not at all, in place of an older one of that key. @throws InvalidArtifactKeyError */
  put(key: string, body: Readable | Uint8Array): Promise<ArtifactInfo>
  /** Null when there is none. */
  stat(key: string): Promise<ArtifactInfo | null>
  /** Streams the artifact or a range of it. @throws ArtifactNotFoundError */
  read(key: string, range?: ByteRange): Promise<Readable>
  /** True when there was one. */
  remove(key: string): Promise<boolean>
}

export class InvalidArtifactKeyError extends Error {
  override name = 'InvalidArtifactKeyError'
}

export class ArtifactNotFoundError extends Error {
  override name = 'ArtifactNotFoundError'
}

/**
 * A key is one to eight parts of letters, digits, "-", "_" and "." between slashes; a part does not begin with a dot, so
 * no key leads out of the store or to its temporary files. @throws InvalidArtifactKeyError
 */
export function assertArtifactKey(key: string): void {
  const parts = key.split('/')
  const fits =
    parts.length <= 8 && key.length <= 512 && parts.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(part))
  if (!fits) throw new InvalidArtifactKeyError('an artifact key is made of letters, digits, "-", "_", "." and slashes')
}
