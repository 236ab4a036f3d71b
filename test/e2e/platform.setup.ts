import { readFile } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import { type PlatformInfo, startPlatform } from '../src/platform/platform.js'

declare module 'vitest' {
  interface ProvidedContext {
    platform: PlatformInfo
  }
}

/**
 * One platform for the whole run, started as a user would. HOTLINE_E2E_PLATFORM may name a JSON file that tells where
 * one runs already (see PlatformInfo): it is used as it is and left running.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env.HOTLINE_E2E_PLATFORM
  if (running) {
    project.provide('platform', JSON.parse(await readFile(running, 'utf8')))
    return async () => {}
  }
  const { stop, readyMs, pid, ...info } = await startPlatform()
  console.log(`platform ${pid} ready after ${(readyMs / 1000).toFixed(1)} s`)
  project.provide('platform', info)
  return async () => {
    const failed = project.vitest.state.getCountOfFailedTests() > 0
    if (failed) console.log(`the platform's log, its end:\n${(await readFile(info.logFile, 'utf8')).slice(-20_000)}`)
    try {
      await stop()
    } catch (error) {
      process.exitCode = 1
      throw error
    }
  }
}
