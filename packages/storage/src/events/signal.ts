/** Wakes one waiting loop. A raise that comes while nobody waits is kept for the next wait. */
export interface Signal {
  raise(): void
  /** Resolves at the next raise, or after `timeoutMs`. */
  wait(timeoutMs: number): Promise<void>
}

export function createSignal(): Signal {
  let raised = false
  let wake: (() => void) | null = null
  return {
    raise() {
      raised = true
      wake?.()
    },
    wait(timeoutMs) {
      return new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer)
          wake = null
          raised = false
          resolve()
        }
        const timer = setTimeout(finish, timeoutMs)
        wake = finish
        if (raised) finish()
      })
    },
  }
}
