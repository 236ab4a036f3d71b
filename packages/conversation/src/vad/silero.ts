import { InferenceError } from '@hotline/inference'
import { InferenceSession, Tensor } from 'onnxruntime-node'

export interface SileroOptions {
  /** The Silero VAD v5 ONNX file. */
  modelPath: string
  /** Most windows that are scored in one run. A larger batch costs less a window and holds the event loop longer. */
  maxBatch?: number
}

/** One model for all calls of a process. */
export interface SileroModel {
  /** One call's stream of windows, with its own state. */
  open(rateHz: SileroRateHz): SileroStream
  close(): Promise<void>
}

export type SileroRateHz = 8000 | 16_000

export interface SileroStream {
  /** Samples of one window: 32 ms. */
  readonly windowSamples: number
  /**
   * Probability that the next window holds speech, 0 to 1. `window` is float PCM in -1 to 1 and is copied. A stream
   * scores one window at a time, in order: the next call comes after the last one has settled.
   * @throws InferenceError
   */
  score(window: Float32Array): Promise<number>
  /** Forget what was heard. Not while a window is being scored. */
  reset(): void
}

const stateSize = 128
const maxQueued = 4096

/** What the model wants at each rate: a window, and in front of it the end of the window before. */
const shapes = {
  8000: { windowSamples: 256, contextSamples: 32 },
  16000: { windowSamples: 512, contextSamples: 64 },
} as const

interface Stream {
  rateHz: SileroRateHz
  /** Context and window, as the model takes them. */
  input: Float32Array
  /** Both layers of the recurrent state, one after the other. */
  state: Float32Array
  waiting: { resolve: (probability: number) => void; reject: (error: InferenceError) => void } | null
}

/**
 * Loads the model. Windows of all calls that become due in the same turn of the event loop are scored in one batch:
 * alone a window costs about 120 µs, in a batch of 16 about 25 µs, and a batch of 16 holds the loop for 0.4 ms.
 * @throws InferenceError where the file is missing or is another model.
 */
export async function createSileroModel(options: SileroOptions): Promise<SileroModel> {
  const { modelPath, maxBatch = 16 } = options
  const session = await load(modelPath)
  const queues = new Map<SileroRateHz, Stream[]>()
  let queued = 0
  let running: Promise<void> | null = null
  let closed = false

  const runAll = async (): Promise<void> => {
    // First let the other calls of this turn of the loop hand in their windows.
    await new Promise((resolve) => setImmediate(resolve))
    while (queued > 0) {
      for (const [rateHz, queue] of queues) {
        const batch = queue.splice(0, maxBatch)
        if (batch.length === 0) continue
        queued -= batch.length
        await runBatch(session, rateHz, batch)
      }
    }
    running = null
  }

  return {
    open(rateHz) {
      const { windowSamples, contextSamples } = shapes[rateHz]
      const stream: Stream = {
        rateHz,
        input: new Float32Array(contextSamples + windowSamples),
        state: new Float32Array(2 * stateSize),
        waiting: null,
      }
      return {
        windowSamples,
        score(window) {
          if (closed) return Promise.reject(new InferenceError('aborted', 'the VAD model is closed'))
          if (stream.waiting)
            return Promise.reject(new InferenceError('refused', 'a window of this stream is under way'))
          if (queued >= maxQueued) return Promise.reject(new InferenceError('overloaded', 'too many windows wait'))
          if (window.length !== windowSamples) {
            return Promise.reject(new InferenceError('refused', `a window has ${windowSamples} samples`))
          }
          stream.input.set(window, contextSamples)
          return new Promise((resolve, reject) => {
            stream.waiting = { resolve, reject }
            let queue = queues.get(rateHz)
            if (queue === undefined) {
              queue = []
              queues.set(rateHz, queue)
            }
            queue.push(stream)
            queued++
            running ??= runAll()
          })
        },
        reset() {
          stream.input.fill(0, 0, contextSamples)
          stream.state.fill(0)
        },
      }
    },
    async close() {
      if (closed) return
      closed = true
      await running
      await session.release()
    },
  }
}

async function load(modelPath: string): Promise<InferenceSession> {
  let session: InferenceSession
  try {
    session = await InferenceSession.create(modelPath, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
    })
  } catch (cause) {
    throw new InferenceError('refused', `cannot load the VAD model ${modelPath}`, { cause, retryable: false })
  }
  if (['input', 'state', 'sr'].some((name) => !session.inputNames.includes(name))) {
    throw new InferenceError('refused', `${modelPath} is not a Silero VAD v5 model`)
  }
  return session
}

/** Scores one window of each stream of the batch. Never rejects: each stream is told for itself. */
async function runBatch(session: InferenceSession, rateHz: SileroRateHz, batch: Stream[]): Promise<void> {
  const { windowSamples, contextSamples } = shapes[rateHz]
  const width = contextSamples + windowSamples
  const input = new Float32Array(batch.length * width)
  // [layer, stream, unit]: each layer holds the streams side by side.
  const state = new Float32Array(2 * batch.length * stateSize)
  batch.forEach((stream, row) => {
    input.set(stream.input, row * width)
    state.set(stream.state.subarray(0, stateSize), row * stateSize)
    state.set(stream.state.subarray(stateSize), (batch.length + row) * stateSize)
  })
  let probabilities: Float32Array
  let next: Float32Array
  try {
    const outputs = await session.run({
      input: new Tensor('float32', input, [batch.length, width]),
      state: new Tensor('float32', state, [2, batch.length, stateSize]),
      sr: new Tensor('int64', BigInt64Array.of(BigInt(rateHz)), []),
    })
    probabilities = floats(outputs.output)
    next = floats(outputs.stateN)
  } catch (cause) {
    const error = new InferenceError('bad_response', 'the VAD model failed', { cause })
    for (const stream of batch) {
      const { waiting } = stream
      stream.waiting = null
      waiting?.reject(error)
    }
    return
  }
  batch.forEach((stream, row) => {
    stream.state.set(next.subarray(row * stateSize, (row + 1) * stateSize))
    stream.state.set(next.subarray((batch.length + row) * stateSize, (batch.length + row + 1) * stateSize), stateSize)
    stream.input.copyWithin(0, windowSamples)
    const { waiting } = stream
    stream.waiting = null
    waiting?.resolve(probabilities[row] ?? 0)
  })
}

function floats(tensor: InferenceSession.OnnxValueMapType[string] | undefined): Float32Array {
  if (tensor instanceof Tensor && tensor.data instanceof Float32Array) return tensor.data
  throw new TypeError('expected a tensor of floats')
}
