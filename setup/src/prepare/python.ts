import { SetupFailure } from '../failure.js'
import { runChild } from './child.js'

/** A Python that environments can be made from. */
export interface Python {
  readonly program: string
  /** "3.11": part of an environment's key, because compiled packages belong to one minor version. */
  readonly version: string
}

// vLLM has no wheels beyond 3.13; the pinned freeze was resolved on 3.11, so that one is tried first.
const CANDIDATES = ['python3.11', 'python3.12', 'python3.13', 'python3', 'python']
const PROBE = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])'

/** Whether "3.11" is a version that the pinned packages have wheels for. */
export function isUsableVersion(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major === 3 && minor >= 11 && minor <= 13
}

/**
 * Finds Python 3.11 to 3.13 with its venv module: `preferred` (HOTLINE_PYTHON) when given, else the first on PATH.
 * @throws SetupFailure that says what to install.
 */
export async function findPython(
  preferred: string | undefined,
  probe: (program: string) => Promise<string> = (program) => runChild(program, ['-c', PROBE]),
): Promise<Python> {
  const refusals: string[] = []
  for (const program of preferred ? [preferred] : CANDIDATES) {
    const answer = await probe(program).catch((error: Error) => {
      const noVenv = /No module named '?(venv|ensurepip)/.test(error.message)
      refusals.push(`${program}: ${noVenv ? 'has no venv module (Debian: apt install python3-venv)' : 'not found'}`)
      return ''
    })
    const version = answer.trim()
    if (isUsableVersion(version)) return { program, version }
    if (version) refusals.push(`${program}: version ${version}`)
  }
  throw new SetupFailure(
    `Python 3.11, 3.12 or 3.13 is needed for the speech and language models (${refusals.join('; ')}).`,
    'Install it (Debian: apt install python3 python3-venv; macOS: brew install python@3.11; or https://www.python.org/),\n' +
      'or set HOTLINE_PYTHON to the program, and start again.',
  )
}
