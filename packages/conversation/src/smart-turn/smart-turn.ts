import { Worker } from 'node:worker_threads'
import { InferenceError } from '@hotline/inference'
import { smartTurnRateHz, smartTurnSamples } from './features.js'
import type { PredictRequest, WorkerMessage } from './message.js'

export interface SmartTurnOptions {
  /** The Smart Turn v3 ONNX file. */
  modelPath: string
  /** Longest wait for one prediction, queueing included. Default 1000. */
  timeoutMs?: number
  /** Most predictions that wait. Default 64. */
  maxQueued?: number
  /** Longest wait for the worker thread to load its model. Default 15000. */
  startTimeoutMs?: number
  /** The worker thread's file, where it is not beside this one. */
  workerUrl?: URL
}

/** Smart Turn v3: has the caller finished, going by how the last words sounded? */
export interface SmartTurn {
  /**
   * Probability, 0 to 1, that the turn is complete. `pcm` is the turn so far; its last 8 s count.
   * @param rateHz of `pcm`, 8000 or 16000. Default 16000.
   * @throws InferenceError `timeout`, `overloaded`, `aborted` or `bad_response`
   */
  predict(pcm: Int16Array, rateHz?: number, signal?: AbortSignal): Promise<number>
  close(): Promise<void>
}

interface Job {
  pcm: Int16Array
  rateHz: number
  settle: (result: number | InferenceError) => void
}

const restartDelayMs = 500
/** A thread that is at one prediction for this long does not come back from it. */
const hungAfterMs = 5000

/**
 * Starts the worker thread and waits until its model is loaded. A thread that dies later is replaced; the prediction
 * it was at fails, those that wait are done by the new one.
 * @throws InferenceError where the model cannot be loaded.
 */
export async function createSmartTurn(options: SmartTurnOptions): Promise<SmartTurn> {
  const { timeoutMs = 1000, maxQueued = 64, startTimeoutMs = 15_000 } = options
  const workerUrl = options.workerUrl ?? new URL('./worker.js', import.meta.url)
  const queue: Job[] = []
  let atWork: { id: number; job: Job } | null = null
  let watchdog: NodeJS.Timeout | undefined
  let worker: Worker | null = null
  let restart: NodeJS.Timeout | undefined
  let closed = false
  let serial = 0

  const giveNext = (): void => {
    if (worker === null || atWork !== null) return
    const job = queue.shift()
    if (job === undefined) return
    atWork = { id: ++serial, job }
    const request: PredictRequest = { id: serial, pcm: job.pcm, rateHz: job.rateHz }
    const hung = worker
    watchdog = setTimeout(() => void hung.terminate(), hungAfterMs)
    worker.postMessage(request, [job.pcm.buffer as ArrayBuffer])
  }

  const onMessage = (message: WorkerMessage): void => {
    if (message.type === 'ready' || message.type === 'broken' || atWork?.id !== message.id) return
    const { job } = atWork
    clearTimeout(watchdog)
    atWork = null
    job.settle(message.type === 'predicted' ? message.probability : new InferenceError('bad_response', message.message))
    giveNext()
  }

  const onDeath = (): void => {
    clearTimeout(watchdog)
    worker = null
    const lost = atWork?.job
    atWork = null
    lost?.settle(new InferenceError('network', 'the end-of-turn worker thread died'))
    if (!closed) restart = setTimeout(() => void begin().catch(onDeath), restartDelayMs)
  }

  const begin = async (): Promise<void> => {
    const started = await startWorker(workerUrl, options.modelPath, startTimeoutMs)
    if (closed) {
      await started.terminate()
      return
    }
    worker = started
    worker.on('message', onMessage)
    worker.once('exit', onDeath)
    giveNext()
  }

  await begin()

  return {
    predict(pcm, rateHz = smartTurnRateHz, signal) {
      if (closed) return Promise.reject(new InferenceError('aborted', 'Smart Turn is closed'))
      if (signal?.aborted) return Promise.reject(new InferenceError('aborted', 'the prediction was aborted'))
      if (queue.length >= maxQueued) {
        return Promise.reject(new InferenceError('overloaded', `${queue.length} predictions wait already`))
      }
      return new Promise((resolve, reject) => {
        const giveUp = (error: InferenceError): void => {
          const at = queue.indexOf(job)
          if (at >= 0) queue.splice(at, 1)
          job.settle(error)
        }
        const onAbort = (): void => giveUp(new InferenceError('aborted', 'the prediction was aborted'))
        const timer = setTimeout(
          () => giveUp(new InferenceError('timeout', `no end-of-turn prediction within ${timeoutMs} ms`)),
          timeoutMs,
        )
        const job: Job = {
          // A copy, because its memory goes to the worker thread.
          pcm: pcm.slice(-Math.ceil((smartTurnSamples * rateHz) / smartTurnRateHz)),
          rateHz,
          settle(result) {
            clearTimeout(timer)
            signal?.removeEventListener('abort', onAbort)
            if (result instanceof InferenceError) reject(result)
            else resolve(result)
          },
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        queue.push(job)
        giveNext()
      })
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(restart)
      clearTimeout(watchdog)
      const error = new InferenceError('aborted', 'Smart Turn is closed')
      for (const job of [...queue.splice(0), ...(atWork ? [atWork.job] : [])]) job.settle(error)
      atWork = null
      await worker?.terminate()
    },
  }
}

/** Resolves when the model is loaded. */
function startWorker(workerUrl: URL, modelPath: string, timeoutMs: number): Promise<Worker> {
  const worker = new Worker(workerUrl, { workerData: { modelPath } })
  return new Promise((resolve, reject) => {
    const end = (error: InferenceError | null): void => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('exit', onExit)
      if (error === null) {
        resolve(worker)
        return
      }
      void worker.terminate()
      reject(error)
    }
    const fail = (detail: string): void =>
      end(new InferenceError('refused', `cannot start the end-of-turn model ${modelPath}: ${detail}`))
    const onMessage = (message: WorkerMessage): void => {
      if (message.type === 'ready') end(null)
      else if (message.type === 'broken') fail(message.message)
    }
    const onExit = (code: number): void => fail(`the thread ended with code ${code}`)
    const timer = setTimeout(
      () => end(new InferenceError('timeout', `the end-of-turn model took more than ${timeoutMs} ms to load`)),
      timeoutMs,
    )
    worker.on('message', onMessage)
    worker.on('exit', onExit)
    // Kept on: a thread that throws also exits, and that is what its owner watches.
    worker.on('error', (error) => fail(String(error)))
  })
}
