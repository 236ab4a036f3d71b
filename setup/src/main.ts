import { failureText } from './failure.js'
import { findPaths } from './paths.js'
import { prepare } from './prepare/prepare.js'

const EVERYTHING = { llm: true, languageModel: true, speech: true, redis: true, dev: true }

/** Runs one of the commands of `node setup/bootstrap.mjs`; sets the exit status. */
export async function main(command: string, args: readonly string[]): Promise<void> {
  const paths = findPaths(process.env)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  try {
    if (command === 'setup') {
      const prepared = await prepare(paths, EVERYTHING, process.env, stop.signal)
      console.log(`models  ${paths.models}`, args.length, prepared.languageModel)
    }
  } catch (error) {
    console.error(`\n${failureText(error)}`)
    process.exitCode = 1
  }
}
