/** What goes to the worker thread: one request at a time. */
export interface PredictRequest {
  id: number
  /** The audio's last 8 s at most; handed over. */
  pcm: Int16Array
  rateHz: number
}

/** What comes back. */
export type WorkerMessage =
  | { type: 'ready' }
  | { type: 'broken'; message: string }
  | { type: 'predicted'; id: number; probability: number }
  | { type: 'failed'; id: number; message: string }
