/** Base timers of RFC 3261 §17.1.1.1, in ms. */
export interface Timing {
  /** Estimate of the round-trip time. */
  readonly t1Ms: number
  /** Longest interval between retransmissions of non-INVITE requests and INVITE responses. */
  readonly t2Ms: number
  /** Longest time a message stays in the network. */
  readonly t4Ms: number
}

export const RFC_TIMING: Timing = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 }

/** 64*T1: timers B, F, H, J, L and M. */
export function giveUpMs(timing: Timing): number {
  return 64 * timing.t1Ms
}

/** Absolute times at which timers fire, by the letter that RFC 3261 gives them. */
export type TimerTable = Readonly<Partial<Record<string, number>>>

/** The time of the earliest timer, or undefined. */
export function earliest(timers: TimerTable): number | undefined {
  let first: number | undefined
  for (const name in timers) {
    const at = timers[name]
    if (at !== undefined && (first === undefined || at < first)) first = at
  }
  return first
}

/** True when the timer is set and due. */
export function due(timers: TimerTable, name: string, nowMs: number): boolean {
  const at = timers[name]
  return at !== undefined && at <= nowMs
}
