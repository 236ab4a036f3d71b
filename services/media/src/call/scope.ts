type Disposer = () => void | Promise<void>

/**
 * What a call owns. Everything that must be gone at its end is added when it is made, and released in reverse order;
 * `signal` aborts what is still under way.
 */
export class Scope {
  #abort = new AbortController()
  #disposers: Disposer[] = []
  #closed: Promise<void> | null = null
  #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get closed(): boolean {
    return this.#closed !== null
  }

  /** Own something. Added to a scope that is over, it is released at once. */
  add(disposer: Disposer): void {
    if (this.#closed) void this.#release(disposer)
    else this.#disposers.push(disposer)
  }

  /** Release everything; a failure in one does not keep the others. Safe to call again. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#abort.abort()
      for (const disposer of this.#disposers.reverse()) await this.#release(disposer)
      this.#disposers = []
    })()
    return this.#closed
  }

  async #release(disposer: Disposer): Promise<void> {
    try {
      await disposer()
    } catch (error) {
      this.#onError(error)
    }
  }
}
