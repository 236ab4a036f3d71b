import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** How to run a child of set-up. */
export interface ChildOptions {
  readonly cwd?: string
  /** Added to this process's environment. */
  readonly env?: Record<string, string>
  /** Written to the child's standard input, which is then closed. */
  readonly input?: string
  readonly signal?: AbortSignal
  /** How many last lines a failure keeps; 40 when left out. */
  readonly keptLines?: number
  /** Called for each line of output and of errors, as it comes. */
  readonly onLine?: (line: string) => void
}

/** A child that ended badly; `output` holds its last lines. */
export class ChildFailure extends Error {
  readonly output: string
  constructor(command: string, ending: string, output: string) {
    super(`${command} ${ending}:\n${output}`)
    this.name = 'ChildFailure'
    this.output = output
  }
}

/**
 * Runs a program to its end and returns its standard output. It dies with the signal.
 * @throws ChildFailure when it cannot be started or ends with anything but 0.
 */
export function runChild(program: string, args: readonly string[], options: ChildOptions = {}): Promise<string> {
  const { promise, resolve, reject } = withResolvers<string>()
  const tail: string[] = []
  const output: string[] = []
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: options.signal,
  })
  const keep = (line: string) => {
    tail.push(line)
    if (tail.length > (options.keptLines ?? 40)) tail.shift()
    options.onLine?.(line)
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    output.push(line)
    keep(line)
  })
  createInterface({ input: child.stderr }).on('line', keep)
  // A child that ends before it has read its input closes the pipe: its exit status tells the story.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  child.on('error', (error) => reject(new ChildFailure(program, 'could not run', error.message)))
  child.on('close', (code, signal) => {
    if (code === 0) resolve(output.join('\n'))
    else
      reject(
        new ChildFailure([program, ...args.slice(0, 3)].join(' '), `ended with ${signal ?? code}`, tail.join('\n')),
      )
  })
  return promise
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
