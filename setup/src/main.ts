import { failureText } from './failure.js'
import { findPaths } from './paths.js'
import { prepare } from './prepare/prepare.js'
import { start } from './run/start.js'

const EVERYTHING = { llm: true, languageModel: true, speech: true, redis: true, dev: true }

/** Runs one of the commands of `node setup/bootstrap.mjs`; sets the exit status. */
export async function main(command: string, args: readonly string[]): Promise<void> {
  const paths = findPaths(process.env)
  const stop = new AbortController()
  const stopNow = new AbortController()
  const onSignal = () => (stop.signal.aborted ? stopNow.abort() : stop.abort())
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onSignal)
  try {
    switch (command) {
      case 'setup':
        await prepare(paths, EVERYTHING, process.env, stop.signal)
        console.log(`set-up  everything is in place in ${paths.cache}`)
        break
      case 'start':
        await start(paths, process.env, onlyNames(args), stop.signal, stopNow.signal)
        break
      default:
        throw new Error(`unknown command ${command}`)
    }
  } catch (error) {
    if (stop.signal.aborted) console.error('interrupted: what is done is kept, and the next start goes on from there')
    else console.error(`\n${failureText(error)}`)
    process.exitCode = 1
  }
}

/** `--only redis,llm`: for working on one part. */
function onlyNames(args: readonly string[]): string[] | undefined {
  const at = args.indexOf('--only')
  return at < 0 ? undefined : args[at + 1]?.split(',')
}
