import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { type Command, createConcurrently, LogError, Logger, LogOutput } from 'concurrently'
import { formatDuration } from '../progress/format.js'
import { type Backoff, decideRestart } from './backoff.js'
import { endGroup } from './group.js'
import type { ProcessName, ProcessSpec } from './processes.js'

/** The running processes of one start. */
export interface Supervisor {
  /** Process ids of those that run now; each leads a process group of its own. */
  pids(): Partial<Record<ProcessName, number>>
  /** Ends everything in order: calls first, then those who serve them, Redis last. Safe to call twice. */
  stop(): Promise<void>
  /** Kills what still runs, without waiting for calls. */
  kill(): Promise<void>
}

/** What a supervisor needs beside the processes. */
export interface SupervisorOptions {
  readonly specs: readonly ProcessSpec[]
  /** Runs leash.py: any Python 3. */
  readonly python: string
  readonly root: string
  /** A line for the person at the keyboard. */
  readonly say: (line: string) => void
  /** Called after every start of a process. */
  readonly onStart?: (name: ProcessName) => void
}

const COLORS: Readonly<Record<ProcessName, string>> = {
  redis: 'red',
  llm: 'magenta',
  speech: 'yellow',
  api: 'green',
  signaling: 'cyan',
  media: 'blue',
}

/** Media first, because the calls in progress need all others; Redis last, because it keeps the others' last words. */
const STOP_ORDER: readonly (readonly ProcessName[])[] = [['media'], ['signaling', 'api', 'llm', 'speech'], ['redis']]

/** How long leftovers of a process that died may take to end before they are killed, ms. */
const LEFTOVER_GRACE_MS = 3_000

/** Starts all processes, with one labelled log, and keeps them running until `stop`. */
export function supervise(options: SupervisorOptions): Supervisor {
  const { specs, python, root, say, onStart } = options
  const byName = new Map(specs.map((spec) => [spec.name as string, spec]))
  const backoffs = new Map<string, Backoff>()
  const timers = new Set<NodeJS.Timeout>()
  /** Groups that were started and whose last process may still run: name of the leader by its id. */
  const groups = new Map<number, ProcessSpec>()
  const cleanups = new Set<Promise<void>>()
  let stopping: Promise<void> | undefined

  const logger = new Logger({ prefixFormat: 'name' })
  logger.setPrefixLength(Math.max(...specs.map(({ name }) => name.length)) + 2)

  const { commands, result } = createConcurrently(
    specs.map(({ name, env, cwd }) => ({ name, command: name, env: { ...env }, cwd, prefixColor: COLORS[name] })),
    {
      logger,
      outputStream: process.stdout,
      controllers: [new LogError({ logger }), new LogOutput({ logger })],
      // A group of its own for each: Ctrl-C in the terminal reaches only this process, which ends the others in order.
      spawn: (name, spawnOptions) => {
        const spec = byName.get(name)
        if (!spec) throw new Error(`no process is called ${name}`)
        const leash = [
          '-I',
          '-S',
          join(root, 'setup', 'python', 'leash.py'),
          String(process.pid),
          String(spec.niceness),
        ]
        const child = spawn(python, [...leash, spec.program, ...spec.args], {
          ...spawnOptions,
          stdio: ['ignore', 'pipe', 'pipe'],
          detached: true,
        })
        if (child.pid !== undefined) track(child.pid, spec)
        // At `exit`, not at `close`: children that a killed process leaves behind keep its output open.
        child.on('exit', () => child.pid !== undefined && sweep(child.pid))
        return child
      },
    },
  )
  // Every end is handled below; this promise only says once more that some process did not end well.
  result.catch(() => {})

  function track(group: number, spec: ProcessSpec): void {
    groups.set(group, spec)
    setImmediate(() => onStart?.(spec.name))
  }

  function sweep(group: number): void {
    const cleanup = endGroup(group, LEFTOVER_GRACE_MS).then(() => {
      groups.delete(group)
      cleanups.delete(cleanup)
    })
    cleanups.add(cleanup)
  }

  for (const command of commands) {
    command.close.subscribe(({ exitCode, timings }) => {
      if (stopping) return
      const { backoff, delayMs, hopeless } = decideRestart(
        backoffs.get(command.name) ?? { failures: 0 },
        timings.durationSeconds * 1000,
      )
      backoffs.set(command.name, backoff)
      const ran = formatDuration(timings.durationSeconds * 1000)
      say(`${command.name} ended (${exitCode}) after ${ran}; starting it again in ${formatDuration(delayMs)}`)
      if (hopeless) say(hopelessText(command, backoff.failures))
      const timer = setTimeout(() => {
        timers.delete(timer)
        if (!stopping) void Promise.all(cleanups).then(() => stopping || command.start())
      }, delayMs)
      timers.add(timer)
    })
  }

  async function endAll(graceOf: (spec: ProcessSpec) => number): Promise<void> {
    for (const timer of timers) clearTimeout(timer)
    for (const names of STOP_ORDER) {
      const ending = [...groups].filter(([, spec]) => names.includes(spec.name))
      await Promise.all(ending.map(([group, spec]) => endGroup(group, graceOf(spec))))
    }
    await Promise.all(cleanups)
  }

  return {
    pids: () => Object.fromEntries([...groups].map(([pid, { name }]) => [name, pid])),
    stop: () => {
      stopping ??= endAll(({ graceMs }) => graceMs)
      return stopping
    },
    kill: () => {
      stopping ??= Promise.resolve()
      return endAll(() => 0)
    },
  }
}

function hopelessText(command: Command, failures: number): string {
  return (
    `${command.name} died ${failures} times in a row. Its own lines above, marked [${command.name}], say why.\n` +
    '       Ctrl-C ends everything; `npm run setup` checks the installation; it is tried again meanwhile.'
  )
}
