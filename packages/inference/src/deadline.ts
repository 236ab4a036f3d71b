import { InferenceError } from './error.js'

/** A signal that aborts when its owner gives up or when time is up, whichever comes first. */
export interface Deadline {
  /** Aborted with an InferenceError as its reason: `aborted` or `timeout`. */
  readonly signal: AbortSignal
  /** From now, `ms` for `what` to happen. Replaces the wait that was armed before. */
  arm(ms: number, what: string): void
  /** Stop waiting; the signal stays live for the owner's abort. */
  disarm(): void
  /** Aborts the signal, so that whatever still hangs on it ends. */
  abort(reason: InferenceError): void
  /** Release the timer and the listener on the parent signal. Aborts nothing. */
  close(): void
}

/** One request's deadline, joined with the signal of the call that owns it. */
export function createDeadline(parent?: AbortSignal): Deadline {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined

  const disarm = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const abort = (reason: InferenceError): void => {
    disarm()
    parent?.removeEventListener('abort', onParentAbort)
    if (!controller.signal.aborted) controller.abort(reason)
  }
  const onParentAbort = (): void => {
    const reason = parent?.reason
    abort(
      reason instanceof InferenceError
        ? reason
        : new InferenceError('aborted', 'the request was aborted', { cause: reason }),
    )
  }

  if (parent?.aborted) onParentAbort()
  else parent?.addEventListener('abort', onParentAbort, { once: true })

  return {
    signal: controller.signal,
    arm(ms, what) {
      disarm()
      if (controller.signal.aborted) return
      timer = setTimeout(() => abort(new InferenceError('timeout', `no ${what} within ${ms} ms`)), ms)
    },
    disarm,
    abort,
    close() {
      disarm()
      parent?.removeEventListener('abort', onParentAbort)
    },
  }
}

/**
 * Waits until `promise` settles or the signal aborts; an abort rejects with the signal's reason. The promise itself
 * goes on, and a late rejection of it is swallowed.
 */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) {
      promise.catch(() => {})
      reject(signal.reason)
      return
    }
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
