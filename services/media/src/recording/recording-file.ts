import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { WavFile } from '@hotline/audio'
import type { RecordingSink } from './recorder.js'

const RATE_HZ = 8000

/**
 * A recording in the artifact folder. It grows under a temporary name and takes its own when it is whole, so that
 * nobody is given half a recording.
 */
export async function openRecordingFile(artifactDir: string, key: string): Promise<RecordingSink> {
  const path = join(artifactDir, key)
  const growing = `${path}.part`
  await mkdir(dirname(path), { recursive: true })
  const file = await WavFile.create(growing, RATE_HZ, 2)
  return {
    write: (left, right) => file.write(left, right),
    async finish() {
      try {
        await file.close()
        await rename(growing, path)
      } catch (error) {
        await rm(growing, { force: true })
        throw error
      }
    },
  }
}
