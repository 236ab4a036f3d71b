import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StepReport } from '../progress/display.js'
import { formatBytes } from '../progress/format.js'
import { runChild } from './child.js'
import { environmentPython, type Pip, runPip } from './pip.js'
import type { Python } from './python.js'
import { batchRequirements, parseRequirements } from './requirement-list.js'
import { fingerprint, isStamped, writeWhole } from './stamp.js'

/** A Python environment that set-up can make: where it belongs and what is in it. */
export interface PythonEnv {
  readonly name: string
  /** Keyed by a hash of the requirements, so that two checkouts with different pins do not disturb each other. */
  readonly folder: string
  readonly python: string
  readonly requirements: readonly string[]
  readonly print: string
}

/** Works out an environment from its requirements files; reads those and nothing else. */
export async function describeEnv(
  cache: string,
  name: string,
  files: readonly string[],
  python: Python,
): Promise<PythonEnv> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const requirements = [...new Set(texts.flatMap(parseRequirements))]
  const print = fingerprint(requirements, python.version, process.platform, process.arch)
  const folder = join(cache, 'python', `${name}-${print}`)
  return { name, folder, python: environmentPython(folder), requirements, print }
}

/** Whether the environment was installed to its end. */
export function isEnvReady(env: PythonEnv): Promise<boolean> {
  return isStamped(join(env.folder, '.complete'), env.print)
}

/**
 * Installs what is still missing, batch by batch. Exactly the listed packages: dependencies are not resolved. A batch
 * that was interrupted is installed again over itself, because its half-written packages look installed to pip.
 */
export async function installEnv(env: PythonEnv, pip: Pip, report: StepReport, signal: AbortSignal): Promise<void> {
  const journal = join(env.folder, '.batches')
  const finished = new Set((await readFile(journal, 'utf8').catch(() => '')).split('\n'))
  if (finished.size <= 1) {
    await rm(env.folder, { recursive: true, force: true })
    await mkdir(dirname(env.folder), { recursive: true })
    await runChild(pip.python.program, ['-m', 'venv', '--without-pip', env.folder], { signal })
  }
  const total = env.requirements.length
  let installed = 0
  for (const batch of batchRequirements(env.requirements)) {
    const print = fingerprint(batch)
    if (!finished.has(print)) {
      const flags = ['--no-deps', '--ignore-installed', '--no-compile']
      report.note(`fetching ${batch.length === 1 ? (batch[0] ?? '') : `${batch.length} packages`}`)
      const options = { signal, report: reportDownloads(report), target: env.python, rawProgress: true }
      await runPip(pip, ['install', ...flags, ...batch], options)
      await appendFile(journal, `${print}\n`, { flush: true })
    }
    installed += batch.length
    report.advance(installed, total)
  }
  await compileModules(env, report, signal)
  await writeWhole(join(env.folder, '.complete'), env.print)
}

/** Bytecode for every module at once: three of vLLM's processes would otherwise compile each file at every start. */
async function compileModules(env: PythonEnv, report: StepReport, signal: AbortSignal): Promise<void> {
  report.note('compiling modules')
  const find = 'import sysconfig, compileall; compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2, workers=0)'
  await runChild(env.python, ['-c', find], { signal })
}

/** The step counts packages; how far the current download is goes into its note, because some packages are huge. */
function reportDownloads(report: StepReport): StepReport {
  let doing = ''
  return {
    note: (text) => {
      doing = text
      report.note(text)
    },
    advance: (done, total = 0) => report.note(`${doing}, ${formatBytes(done)} of ${formatBytes(total)}`),
  }
}
