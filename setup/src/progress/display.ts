import { clip, formatDuration, formatStep, type StepState } from './format.js'

/** One step of set-up as it reports how far it is. */
export interface StepReport {
  /** Amount done and, when known, in all. */
  advance(done: number, total?: number): void
  /** What is being done now, for example a file's name. */
  note(text: string): void
}

/** Shows what set-up is doing: in a terminal one line that is updated, else a line for each step every few seconds. */
export interface Display {
  /** Runs `work` as a step; its line says in the end how long it took, or that it failed. */
  step<T>(title: string, unit: StepState['unit'], work: (report: StepReport) => Promise<T>): Promise<T>
  /** A line of its own. */
  line(text: string): void
  close(): void
}

/** What a display draws on: process.stdout in real life. */
export interface DisplayOutput {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

const TERMINAL_REFRESH_MS = 120
const LOG_REFRESH_MS = 5_000
/** In a log, a line that says nothing new is left out so many times, then repeated as a sign of life. */
const LOG_REPEATS_LEFT_OUT = 5

interface RunningStep {
  state: StepState
  /** The last line in the log, and how often it was left out since. */
  logged: string
  leftOut: number
}

/** Opens a display; `now` in ms. Nothing is drawn while no step runs. */
export function openDisplay(output: DisplayOutput, now: () => number = Date.now): Display {
  const running = new Set<RunningStep>()
  const terminal = output.isTTY === true
  let drawn = false
  const erase = () => {
    if (drawn) output.write('\r\u001b[2K')
    drawn = false
  }
  const line = (text: string) => {
    erase()
    output.write(`${text}\n`)
  }
  const logStep = (entry: RunningStep) => {
    const text = formatStep(entry.state)
    entry.leftOut = text === entry.logged ? entry.leftOut + 1 : 0
    if (text === entry.logged && entry.leftOut <= LOG_REPEATS_LEFT_OUT) return
    entry.logged = text
    entry.leftOut = 0
    line(`set-up  ${text}`)
  }
  const refresh = () => {
    if (running.size === 0) return
    if (!terminal) {
      for (const entry of running) logStep(entry)
      return
    }
    const columns = (output.columns ?? 80) - 1
    output.write(`\r\u001b[2K${clip([...running].map(({ state }) => formatStep(state)).join('  |  '), columns)}`)
    drawn = true
  }
  const timer = setInterval(refresh, terminal ? TERMINAL_REFRESH_MS : LOG_REFRESH_MS)
  timer.unref()
  return {
    line,
    close: () => {
      clearInterval(timer)
      erase()
    },
    async step(title, unit, work) {
      const entry: RunningStep = { state: { title, done: 0, total: 0, unit, note: '' }, logged: '', leftOut: 0 }
      const begun = now()
      running.add(entry)
      try {
        const result = await work({
          advance: (done, total = entry.state.total) => {
            entry.state = { ...entry.state, done, total }
          },
          note: (note) => {
            entry.state = { ...entry.state, note }
          },
        })
        running.delete(entry)
        line(`set-up  ${title}: done in ${formatDuration(now() - begun)}`)
        return result
      } catch (error) {
        running.delete(entry)
        line(`set-up  ${title}: failed after ${formatDuration(now() - begun)}`)
        throw error
      }
    },
  }
}
