import { spawn } from 'node:child_process'
import { formatDuration } from '../progress/format.js'

/** A part of a test run: what it is called, and how it went. */
export interface StageResult {
  readonly name: string
  readonly passed: boolean
  readonly tookMs: number
}

/** A program of a stage; its output goes where this process's goes. */
export interface StageCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Record<string, string>
}

/** Runs a stage to its end, failed or not, and prints its name before and its time after. */
export async function runStage(name: string, work: () => Promise<boolean>): Promise<StageResult> {
  console.log(`\n=== ${name}`)
  const begun = Date.now()
  const passed = await work().catch((error: unknown) => {
    console.error(error)
    return false
  })
  const tookMs = Date.now() - begun
  console.log(`=== ${name}: ${passed ? 'passed' : 'FAILED'} in ${formatDuration(tookMs)}`)
  return { name, passed, tookMs }
}

/** Runs a program with this process's output; answers whether it ended with 0. The signal ends it. */
export function runVisibly(command: StageCommand, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.program, command.args, {
      cwd: command.cwd,
      env: { ...process.env, ...command.env },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    // SIGTERM, so that a platform which a test started is ended in order and not torn down.
    const end = () => child.kill('SIGTERM')
    signal.addEventListener('abort', end, { once: true })
    child.on('error', reject)
    child.on('close', (code) => {
      signal.removeEventListener('abort', end)
      resolve(code === 0)
    })
  })
}
