import { join } from 'node:path'
import type { Paths } from '../paths.js'
import { ChildFailure, runChild } from '../prepare/child.js'
import { formatDuration } from '../progress/format.js'

/** A tool that finds faults without running the code. */
interface Linter {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
}

const SOURCES = ['packages', 'services', 'setup', 'test']

function listLinters(paths: Paths, devPython: string): Linter[] {
  const node = (name: string, script: string, args: string[], cwd = paths.root): Linter => ({
    name,
    program: process.execPath,
    args: [join(paths.root, 'node_modules', script), ...args],
    cwd,
  })
  const python = (name: string, args: string[]): Linter => ({
    name,
    program: devPython,
    args: ['-m', ...args],
    cwd: paths.gpuWorker,
  })
  const scripts = join(paths.root, 'setup', 'python')
  return [
    node('biome', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
    node('dependency-cruiser', 'dependency-cruiser/bin/dependency-cruise.mjs', [
      '--config',
      '.dependency-cruiser.cjs',
      ...SOURCES,
    ]),
    python('ruff check', ['ruff', 'check', '.', scripts]),
    python('ruff format', ['ruff', 'format', '--check', '.', scripts]),
    node('pyright', 'pyright/index.js', ['--pythonpath', devPython], paths.gpuWorker),
  ]
}

/** Runs all linters side by side; prints what the failing ones said. Answers whether none had anything to say. */
export async function lint(paths: Paths, devPython: string, signal: AbortSignal): Promise<boolean> {
  const results = await Promise.all(
    listLinters(paths, devPython).map(async ({ name, program, args, cwd }) => {
      const begun = Date.now()
      const complaint = await runChild(program, args, { cwd, signal, keptLines: 200 }).then(
        () => '',
        (error: unknown) => (error instanceof ChildFailure ? error.output || error.message : String(error)),
      )
      console.log(`${name}: ${complaint ? 'FAILED' : 'ok'} in ${formatDuration(Date.now() - begun)}`)
      return { name, complaint }
    }),
  )
  for (const { name, complaint } of results) if (complaint) console.log(`\n--- ${name}\n${complaint}`)
  return results.every(({ complaint }) => complaint === '')
}
