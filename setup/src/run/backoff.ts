/** When to start a process again that died, and when to tell the person at the keyboard. */
export interface Backoff {
  /** Consecutive deaths, none of which came after a stable run. */
  readonly failures: number
}

/** What to do after a death. */
export interface RestartDecision {
  readonly backoff: Backoff
  readonly delayMs: number
  /** Set once, when restarting alone does not seem to help. */
  readonly hopeless: boolean
}

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000
/** A run of this length counts as a success: the next death begins anew. */
export const STABLE_RUN_MS = 60_000
/** Deaths in a row after which the person is told what to look at. */
export const HOPELESS_AFTER = 5

/** Doubles the delay with every death in a row, up to half a minute, without a limit to the number. */
export function decideRestart(backoff: Backoff, ranMs: number): RestartDecision {
  const failures = ranMs >= STABLE_RUN_MS ? 1 : backoff.failures + 1
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1))
  return { backoff: { failures }, delayMs, hopeless: failures === HOPELESS_AFTER }
}
