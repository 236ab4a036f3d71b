import { join } from 'node:path'
import { lint } from './check/lint.js'
import { runVisibly } from './check/stage.js'
import { runTests } from './check/test-run.js'
import { failureText } from './failure.js'
import { watchParent } from './orphan-watch.js'
import { findPaths, type Paths } from './paths.js'
import { prepare } from './prepare/prepare.js'
import { start } from './run/start.js'

const EVERYTHING = { llm: true, languageModel: true, speech: true, redis: true, dev: true }
const FOR_LINT = { llm: false, languageModel: false, speech: false, models: false, redis: false, dev: true }
const USAGE = `usage: node setup/bootstrap.mjs COMMAND
  start [--only redis,llm,speech,api,signaling,media]   run one whole PoP
  setup                                                 prepare the machine and do nothing else
  test [lint build unit pytest e2e]                     everything, or the named stages
  lint                                                  the linters alone
  bench latency|media                                   measure, and write tables to bench-results/`

/** Runs one of the commands of `node setup/bootstrap.mjs`; sets the exit status. */
export async function main(command: string, args: readonly string[]): Promise<void> {
  const paths = findPaths(process.env)
  const stop = new AbortController()
  const stopNow = new AbortController()
  const onSignal = () => (stop.signal.aborted ? stopNow.abort() : stop.abort())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  const unwatch = watchParent(process.env, onSignal)
  try {
    const passed = await run(command, args, paths, stop.signal, stopNow.signal)
    process.exitCode = passed ? 0 : 1
  } catch (error) {
    if (stop.signal.aborted) console.error('interrupted: what is done is kept, and the next start goes on from there')
    else console.error(`\n${failureText(error)}`)
    process.exitCode = 1
  } finally {
    unwatch()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal)
  }
}

async function run(
  command: string,
  args: readonly string[],
  paths: Paths,
  stop: AbortSignal,
  stopNow: AbortSignal,
): Promise<boolean> {
  switch (command) {
    case 'start':
      await start(paths, process.env, onlyNames(args), stop, stopNow)
      return true
    case 'setup':
      await prepare(paths, EVERYTHING, process.env, stop)
      console.log(`set-up  everything is in place in ${paths.cache}`)
      return true
    case 'lint': {
      const prepared = await prepare(paths, FOR_LINT, process.env, stop)
      return lint(paths, prepared.envs.dev.python, stop)
    }
    case 'test': {
      const prepared = await prepare(paths, EVERYTHING, process.env, stop)
      return runTests({ paths, prepared, signal: stop, only: args.length > 0 ? args : undefined })
    }
    case 'bench': {
      await prepare(paths, EVERYTHING, process.env, stop)
      const script = join('test', 'dist', 'bench', 'main.js')
      const env = { HOTLINE_MODELS: paths.models, HOTLINE_CACHE: paths.cache }
      return runVisibly({ program: process.execPath, args: [script, ...args], cwd: paths.root, env }, stop)
    }
    default:
      console.error(USAGE)
      return false
  }
}

/** `--only redis,llm`: for working on one part. */
function onlyNames(args: readonly string[]): string[] | undefined {
  const at = args.indexOf('--only')
  return at < 0 ? undefined : args[at + 1]?.split(',')
}
