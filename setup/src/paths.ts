import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where things are on this machine: absolute paths of folders. */
export interface Paths {
  /** The checkout. */
  readonly root: string
  /** Downloads and environments that several checkouts may share: HOTLINE_CACHE. */
  readonly cache: string
  /** Model folders, one for each entry of the model catalogue: HOTLINE_MODELS. */
  readonly models: string
  /** What this platform writes while it runs: HOTLINE_DATA. */
  readonly data: string
  /** The Python workers. */
  readonly gpuWorker: string
}

/** Derives every folder from the environment; relative values count from the checkout. */
export function findPaths(env: NodeJS.ProcessEnv): Paths {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  const cache = resolve(root, env.HOTLINE_CACHE || join(homedir(), '.cache', 'hotline'))
  return {
    root,
    cache,
    models: resolve(root, env.HOTLINE_MODELS || join(cache, 'models')),
    data: resolve(root, env.HOTLINE_DATA || 'data'),
    gpuWorker: join(root, 'gpu-worker'),
  }
}
