import { parentPort, workerData } from 'node:worker_threads'
import { resample } from '@hotline/audio'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { logMelFeatures, melBands, melFrames, smartTurnRateHz } from './features.js'
import type { PredictRequest, WorkerMessage } from './message.js'

/** The worker thread of Smart Turn: a prediction takes tens of milliseconds, which no call's audio can wait for. */
async function main(): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('this file is the entry of a worker thread')
  const reply = (message: WorkerMessage): void => port.postMessage(message)
  const session = await InferenceSession.create((workerData as { modelPath: string }).modelPath, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  })
  const inputName = session.inputNames[0]
  const outputName = session.outputNames[0]
  if (inputName === undefined || outputName === undefined) throw new Error('the model has no input or no output')

  const predict = async ({ pcm, rateHz }: PredictRequest): Promise<number> => {
    const features = logMelFeatures(rateHz === smartTurnRateHz ? pcm : resample(pcm, rateHz, smartTurnRateHz))
    const outputs = await session.run({ [inputName]: new Tensor('float32', features, [1, melBands, melFrames]) })
    const probability = Number(outputs[outputName]?.data[0])
    if (!(probability >= 0 && probability <= 1)) throw new Error('the model gave no probability')
    return probability
  }

  // The first run is slow, and a model of another shape shows itself here.
  await predict({ id: 0, pcm: new Int16Array(smartTurnRateHz), rateHz: smartTurnRateHz })
  port.on('message', (request: PredictRequest) => {
    predict(request).then(
      (probability) => reply({ type: 'predicted', id: request.id, probability }),
      (error: unknown) => reply({ type: 'failed', id: request.id, message: String(error) }),
    )
  })
  reply({ type: 'ready' })
}

main().catch((error: unknown) => {
  const message: WorkerMessage = { type: 'broken', message: String(error) }
  parentPort?.postMessage(message)
  parentPort?.close()
})
