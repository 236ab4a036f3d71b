import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Paths } from '../paths.js'
import type { Prepared } from '../prepare/prepare.js'
import { formatDuration } from '../progress/format.js'
import { addCounts, type Counts, formatCounts, NO_TESTS, readJunitReport, readVitestReport } from './counts.js'
import { lint } from './lint.js'
import { runStage, runVisibly, type StageResult } from './stage.js'

/** Everything that a test run needs to know. */
export interface TestRun {
  readonly paths: Paths
  readonly prepared: Prepared
  readonly signal: AbortSignal
  /** Names of stages to run; all when undefined. */
  readonly only: readonly string[] | undefined
}

const STAGES = ['lint', 'build', 'unit', 'pytest', 'e2e'] as const
type StageName = (typeof STAGES)[number]

/** `npm test`: lint, build, unit tests, the workers' tests, end-to-end tests. Answers whether all passed. */
export async function runTests(run: TestRun): Promise<boolean> {
  const reports = await mkdtemp(join(tmpdir(), 'hotline-test-'))
  const results: StageResult[] = []
  let counts = NO_TESTS
  try {
    for (const name of STAGES.filter((one) => !run.only || run.only.includes(one))) {
      if (run.signal.aborted) break
      results.push(
        await runStage(name, async () => {
          const { passed, counted } = await runOne(name, run, reports)
          counts = addCounts(counts, counted)
          return passed
        }),
      )
    }
  } finally {
    await rm(reports, { recursive: true, force: true })
  }
  printSummary(results, counts)
  return !run.signal.aborted && results.every(({ passed }) => passed)
}

interface StageOutcome {
  readonly passed: boolean
  readonly counted: Counts
}

async function runOne(name: StageName, run: TestRun, reports: string): Promise<StageOutcome> {
  const { paths, prepared, signal } = run
  const node = (args: string[]) =>
    runVisibly({ program: process.execPath, args, cwd: paths.root, env: envOf(run) }, signal)
  const module = (path: string) => join(paths.root, 'node_modules', path)
  switch (name) {
    case 'lint':
      return { passed: await lint(paths, prepared.envs.dev.python, signal), counted: NO_TESTS }
    case 'build':
      return { passed: await node([module('typescript/bin/tsc'), '-b']), counted: NO_TESTS }
    case 'unit':
    case 'e2e': {
      const report = join(reports, `${name}.json`)
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
      const passed = await node([module('vitest/vitest.mjs'), 'run', '--project', name, ...reporters])
      return withCounts(passed, report, readVitestReport)
    }
    case 'pytest': {
      const report = join(reports, 'pytest.xml')
      const args = ['-m', 'pytest', `--junitxml=${report}`]
      const program = prepared.envs.dev.python
      const passed = await runVisibly({ program, args, cwd: paths.gpuWorker, env: envOf(run) }, signal)
      return withCounts(passed, report, readJunitReport)
    }
  }
}

/** A runner that left no report failed, whatever its exit status says. */
async function withCounts(passed: boolean, report: string, read: (text: string) => Counts): Promise<StageOutcome> {
  const text = await readFile(report, 'utf8').catch(() => undefined)
  if (text === undefined) return { passed: false, counted: { ...NO_TESTS, failed: 1 } }
  const counted = read(text)
  return { passed: passed && counted.failed === 0, counted }
}

function envOf({ paths, prepared }: TestRun): Record<string, string> {
  return {
    HOTLINE_MODELS: paths.models,
    HOTLINE_CACHE: paths.cache,
    ...(prepared.redisServer && { HOTLINE_REDIS_SERVER: prepared.redisServer }),
  }
}

function printSummary(results: readonly StageResult[], counts: Counts): void {
  console.log('\n=== summary')
  for (const { name, passed, tookMs } of results) {
    console.log(`${name.padEnd(8)} ${passed ? 'passed' : 'FAILED'}  ${formatDuration(tookMs)}`)
  }
  console.log(formatCounts(counts))
}
