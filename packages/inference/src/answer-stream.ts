import type { CircuitBreaker } from './circuit-breaker.js'
import { createDeadline } from './deadline.js'
import { asFinal, type InferenceError, toInferenceError } from './error.js'
import type { HttpPool, WorkerRequest, WorkerResponse } from './http-pool.js'
import { type RetryPolicy, retry } from './retry.js'

export interface AnswerStreamOptions<T> {
  pool: HttpPool
  breaker: CircuitBreaker
  retryPolicy: RetryPolicy
  request: Omit<WorkerRequest, 'signal'>
  signal: AbortSignal | undefined
  /** Turns the answer's body into items. Throws `bad_response` for what is not the protocol. */
  decode: (response: WorkerResponse) => AsyncGenerator<T, void, undefined>
  /** From the call to the first item, retries included. */
  firstItemTimeoutMs: number
  /** Longest wait for each further item. Time that the consumer takes between two items does not count. */
  gapTimeoutMs: number
  /** What an item is called in error messages, for example `token`. */
  itemName: string
}

/**
 * One streamed answer of a worker. It is asked again only while nothing of the answer has been handed on. Ending the
 * iteration early, like an abort of the signal, closes the connection so that the worker stops its work.
 * @throws InferenceError
 */
export async function* streamAnswer<T>(options: AnswerStreamOptions<T>): AsyncGenerator<T, void, undefined> {
  const { breaker, decode, gapTimeoutMs, itemName } = options
  const deadline = createDeadline(options.signal)
  const { signal } = deadline
  let open: { response: WorkerResponse; items: AsyncGenerator<T, void, undefined> } | undefined

  const failure = (thrown: unknown): InferenceError =>
    toInferenceError(signal.aborted ? signal.reason : thrown, `waiting for the next ${itemName}`)

  const begin = async (): Promise<IteratorResult<T, void>> => {
    const permit = breaker.enter()
    try {
      const response = await options.pool.request({ ...options.request, signal })
      open = { response, items: decode(response) }
      const first = await open.items.next()
      permit.succeeded()
      return first
    } catch (thrown) {
      const error = failure(thrown)
      open?.response.destroy()
      open = undefined
      permit.failed(error)
      throw error
    }
  }

  try {
    deadline.arm(options.firstItemTimeoutMs, `first ${itemName}`)
    let next = await retry(begin, options.retryPolicy, signal)
    while (!next.done) {
      deadline.disarm()
      yield next.value
      if (signal.aborted) throw signal.reason
      deadline.arm(gapTimeoutMs, `further ${itemName}`)
      next = (await open?.items.next()) ?? { done: true, value: undefined }
    }
    open = undefined
  } catch (thrown) {
    const error = failure(thrown)
    throw open === undefined ? error : asFinal(error)
  } finally {
    open?.response.destroy()
    deadline.close()
  }
}
