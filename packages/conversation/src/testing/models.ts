import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Path of a model file for a test: below HOTLINE_MODELS, or where set-up puts it. @throws where it is missing. */
export function modelFile(path: string): string {
  const cache = process.env.HOTLINE_CACHE || join(homedir(), '.cache', 'hotline')
  const folder = process.env.HOTLINE_MODELS || join(cache, 'models')
  const file = join(folder, path)
  if (!existsSync(file)) {
    throw new Error(`${file} is missing: run the set-up ("npm test" does), or set HOTLINE_MODELS to the models' folder`)
  }
  return file
}
