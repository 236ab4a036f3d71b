import type { Call } from '../call/call.js'

/** The calls that are up, and the doors through which more come in. */
export class CallRegistry {
  #calls = new Map<string, Call>()
  /** INVITEs that are being answered; they count against the limit, so that a burst cannot pass it. */
  #pending = 0
  #maxCalls: number
  #draining = false
  #onEmpty: (() => void)[] = []

  constructor(maxCalls: number) {
    this.#maxCalls = maxCalls
  }

  get size(): number {
    return this.#calls.size
  }

  get pending(): number {
    return this.#pending
  }

  get draining(): boolean {
    return this.#draining
  }

  /** Take a place for a call that is about to be set up; null when there is none. */
  admit(): { release(): void } | null {
    if (this.#draining || this.#calls.size + this.#pending >= this.#maxCalls) return null
    this.#pending++
    let held = true
    return {
      release: () => {
        if (held) this.#pending--
        held = false
      },
    }
  }

  add(call: Call): void {
    this.#calls.set(call.id, call)
  }

  get(id: string): Call | undefined {
    return this.#calls.get(id)
  }

  remove(callId: string): void {
    this.#calls.delete(callId)
    if (this.#calls.size === 0) for (const done of this.#onEmpty.splice(0)) done()
  }

  all(): Call[] {
    return [...this.#calls.values()]
  }

  /** No new calls from here on; resolves when the last one is over, or after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true
    if (this.#calls.size === 0) return
    let timer: NodeJS.Timeout | undefined
    await Promise.race([
      new Promise<void>((resolve) => this.#onEmpty.push(resolve)),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs)
      }),
    ])
    clearTimeout(timer)
  }
}
