import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SetupFailure } from '../failure.js'
import type { StepReport } from '../progress/display.js'
import { ChildFailure, runChild } from './child.js'
import type { Python } from './python.js'
import { isStamped, writeWhole } from './stamp.js'

/** One pip for all environments: recent enough to report its progress, and able to install into another one. */
export interface Pip {
  readonly program: string
  readonly python: Python
}

const GLOBAL_FLAGS = ['--disable-pip-version-check', '--no-input']
const PIP_VERSION = '26.3'
/** PyTorch's public index of CPU builds: the only source of `+cpu` versions beside a private one. */
const TORCH_CPU_INDEX = 'https://download.pytorch.org/whl/cpu'

/** The interpreter inside an environment folder. */
export function environmentPython(folder: string): string {
  return join(folder, 'bin', 'python')
}

/** Makes or reuses the small environment that holds only pip, kept under `cache`. */
export async function preparePip(cache: string, python: Python, signal: AbortSignal): Promise<Pip> {
  const folder = join(cache, 'python', `pip-${PIP_VERSION}-py${python.version}`)
  const pip = { program: environmentPython(folder), python }
  const stamp = join(folder, '.complete')
  if (await isStamped(stamp, PIP_VERSION)) return pip
  await rm(folder, { recursive: true, force: true })
  await runChild(python.program, ['-m', 'venv', folder], { signal })
  await runPip(pip, ['install', '--upgrade', `pip==${PIP_VERSION}`], { signal })
  await writeWhole(stamp, PIP_VERSION)
  return pip
}

/** Runs pip under the machine's own pip configuration, for the environment of the interpreter `target` if given. */
export async function runPip(
  pip: Pip,
  args: readonly string[],
  options: { signal: AbortSignal; report?: StepReport; rawProgress?: boolean; target?: string },
): Promise<void> {
  const raw = options.rawProgress ? ['--progress-bar', 'raw'] : []
  const target = options.target ? ['--python', options.target] : []
  const [command = '', ...rest] = args
  const attempt = (extra: readonly string[]) =>
    runChild(
      pip.program,
      [...leashed(pip.program), '-m', 'pip', ...GLOBAL_FLAGS, ...target, command, ...raw, ...extra, ...rest],
      {
        signal: options.signal,
        env: { PYTHONUNBUFFERED: '1' },
        onLine: (line) => showPipLine(line, options.report),
      },
    )
  try {
    await attempt([])
  } catch (error) {
    if (!(error instanceof ChildFailure)) throw error
    if (!/No matching distribution found for torch==\S+\+cpu/.test(error.output)) throw pipFailure(error)
    await attempt(['--extra-index-url', TORCH_CPU_INDEX]).catch((again: unknown) => {
      throw again instanceof ChildFailure ? pipFailure(again) : again
    })
  }
}

/** A pip that outlived a killed set-up would write into the environment that the next one is repairing. */
function leashed(program: string): string[] {
  const script = fileURLToPath(new URL('../../python/leash.py', import.meta.url))
  return ['-I', '-S', script, String(process.pid), '0', program]
}

function showPipLine(line: string, report: StepReport | undefined): void {
  const progress = /^Progress (\d+) of (\d+)/.exec(line.trim())
  if (progress) report?.advance(Number(progress[1]), Number(progress[2]))
  const named = /^\s*(?:Downloading|Using cached|Processing)\s+(?:\S*\/)?([A-Za-z0-9_.]+?)-\d/.exec(line)
  if (named) report?.note(`fetching ${named[1]}`)
  if (/^Installing collected packages/.test(line)) report?.note('unpacking')
}

function pipFailure(error: ChildFailure): Error {
  if (/no space left on device/i.test(error.output)) return error
  if (/Could not find a version|No matching distribution/.test(error.output)) {
    const wanted = /No matching distribution found for (\S+)/.exec(error.output)?.[1] ?? 'a package'
    return new SetupFailure(
      `pip finds no ${wanted} for this machine.\n${error.output}`,
      'Linux on x86-64 with Python 3.11 is what the pinned versions are for. Behind a mirror, check `pip config list`.',
      { cause: error },
    )
  }
  return new SetupFailure(
    `pip failed.\n${error.output}`,
    'Check the network and `pip config list`, then start again: what is already there is kept.',
    { cause: error },
  )
}
