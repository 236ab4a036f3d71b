import type { ProcessName, ProcessSpec } from './processes.js'

const PROBE_TIMEOUT_MS = 1_500
const POLL_MS = 200

/** What to wait for, and how to ask; `probe` is replaced in tests. */
export interface ReadinessOptions {
  readonly specs: readonly ProcessSpec[]
  readonly signal: AbortSignal
  /** Called every `everyMs` with those that are still starting. */
  readonly onWaiting: (names: readonly ProcessName[], waitedMs: number) => void
  readonly everyMs?: number
  readonly probe?: (url: string) => Promise<boolean>
}

/** Whether a health address answers 200 soon. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

/**
 * Waits until all processes say that they are ready, at one moment: one that died since it was ready counts as
 * starting. Rejects when the signal is aborted.
 */
export async function waitUntilReady(options: ReadinessOptions): Promise<void> {
  const { specs, signal, onWaiting, everyMs = 5_000, probe = answersOk } = options
  const begun = Date.now()
  for (let told = begun; ; ) {
    const states = await Promise.all(specs.map(async (spec) => !spec.readyUrl || (await probe(spec.readyUrl))))
    signal.throwIfAborted()
    const waiting = specs.filter((_, index) => !states[index]).map(({ name }) => name)
    if (waiting.length === 0) return
    if (Date.now() - told >= everyMs) {
      told = Date.now()
      onWaiting(waiting, told - begun)
    }
    await pause(POLL_MS, signal)
  }
}

/** Resolves after `ms` or at the signal, whichever comes first; on the global timers, which tests can turn. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
