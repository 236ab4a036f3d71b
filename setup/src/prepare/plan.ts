import { join } from 'node:path'
import type { Paths } from '../paths.js'
import { runChild } from './child.js'
import { isLanguageModelReady, type LanguageModelStep } from './language-model.js'
import { type Model, SPEECH_MODELS } from './model-catalogue.js'
import { isModelReady } from './model-package.js'
import type { Python } from './python.js'
import { describeEnv, isEnvReady, type PythonEnv } from './python-env.js'
import { findRedisServer } from './redis-server.js'

/** What a command needs. A part that the environment points elsewhere is not prepared. */
export interface Wanted {
  readonly llm: boolean
  /** Whether vLLM is to serve the standard model, so that its folder has to be there. */
  readonly languageModel: boolean
  readonly speech: boolean
  /** The weights of the speech parts; on unless said otherwise. */
  readonly models?: boolean
  readonly redis: boolean
  /** ruff, pyright and pytest. */
  readonly dev: boolean
}

/** The Python environments, described but not necessarily installed. */
export type Envs = Readonly<Record<'llm' | 'speech' | 'dev', PythonEnv>>

/** The steps that are left to do. */
export interface Plan {
  readonly envs: readonly PythonEnv[]
  readonly models: readonly Model[]
  readonly languageModel: boolean
  readonly redis: boolean
  /** About how much must be free in the folders of that name, bytes. */
  readonly neededBytes: Readonly<Record<'cache' | 'models', number>>
}

/** Rough sizes on disk, the download included. */
const ENV_BYTES: Readonly<Record<string, number>> = { llm: 4_800e6, 'llm-gpu': 14_000e6, speech: 900e6, dev: 1_100e6 }
const UNPACKED_PER_ARCHIVE_BYTE = 3

/** Whether there is an NVIDIA GPU with a working driver: decides which vLLM is installed. */
export async function hasNvidiaGpu(): Promise<boolean> {
  return runChild('nvidia-smi', ['-L']).then(
    (list) => /^GPU \d/m.test(list),
    () => false,
  )
}

/** The environments of this checkout; tests run in `dev`, which holds what `speech` does and the tools. */
export async function describeEnvs(paths: Paths, python: Python, gpu: boolean): Promise<Envs> {
  const file = (name: string) => join(paths.gpuWorker, `requirements-${name}.txt`)
  const llmName = gpu ? 'llm-gpu' : 'llm'
  const [llm, speech, dev] = await Promise.all([
    describeEnv(paths.cache, llmName, [file(llmName)], python),
    describeEnv(paths.cache, 'speech', [file('speech')], python),
    describeEnv(paths.cache, 'dev', [file('speech'), file('dev')], python),
  ])
  return { llm, speech, dev }
}

/** Where the language model's step finds its files. */
export function languageModelStep(paths: Paths): LanguageModelStep {
  return { models: paths.models, gpuWorker: paths.gpuWorker, unpackScript: unpackScript(paths) }
}

/** The script that takes files out of archives. */
export function unpackScript(paths: Paths): string {
  return join(paths.root, 'setup', 'python', 'unpack.py')
}

/** Looks at stamps only: a few milliseconds. */
export async function planWork(paths: Paths, wanted: Wanted, envs: Envs, searchPath: string): Promise<Plan> {
  const candidates = [wanted.speech && envs.speech, wanted.llm && envs.llm, wanted.dev && envs.dev].filter(
    (env) => !!env,
  )
  const [missingEnvs, models, languageReady, redisServer] = await Promise.all([
    keepAsync(candidates, async (env) => !(await isEnvReady(env))),
    keepAsync(
      wanted.models === false ? [] : SPEECH_MODELS,
      async (model) => !(await isModelReady(paths.models, model)),
    ),
    isLanguageModelReady(languageModelStep(paths)),
    findRedisServer(paths.cache, searchPath),
  ])
  const languageModel = wanted.languageModel && !languageReady
  const archiveBytes = models.flatMap(({ archives }) => archives).reduce((sum, { bytes }) => sum + bytes, 0)
  const envBytes = missingEnvs.reduce((sum, { name }) => sum + (ENV_BYTES[name] ?? 0), 0)
  return {
    envs: missingEnvs,
    models,
    languageModel,
    redis: wanted.redis && redisServer === undefined,
    neededBytes: {
      cache: envBytes,
      models: archiveBytes * UNPACKED_PER_ARCHIVE_BYTE + (languageModel ? 500e6 : 0),
    },
  }
}

/** Whether nothing is left to do. */
export function isEmpty(plan: Plan): boolean {
  return plan.envs.length === 0 && plan.models.length === 0 && !plan.languageModel && !plan.redis
}

async function keepAsync<T>(items: readonly T[], keep: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(keep))
  return items.filter((_, index) => kept[index])
}
