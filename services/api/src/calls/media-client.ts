import { request } from 'undici'
import { ApiError } from '../errors/api-error.js'

/** What the API asks of the media service. Every wait ends within seconds. */
export interface MediaClient {
  /** Whether the service answers at all. */
  isUp(): Promise<boolean>
  /** Its metrics in Prometheus' text format; null when it does not answer. */
  metrics(): Promise<string | null>
  /** False when there is no such call in progress. @throws ApiError `media_unavailable` */
  hangup(callId: string): Promise<boolean>
  say(callId: string, text: string): Promise<boolean>
}

const PROBE_MS = 1_000
const ACTION_MS = 5_000

/** `url` is media's internal address; without one every call fails as if media were away. */
export function createMediaClient(url: string | undefined): MediaClient {
  async function act(path: string, body: object): Promise<boolean> {
    if (url === undefined) throw new ApiError('media_unavailable')
    const reply = await request(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ACTION_MS),
    }).catch(() => {
      throw new ApiError('media_unavailable', { retryAfterSeconds: 1 })
    })
    await reply.body.dump()
    if (reply.statusCode === 404) return false
    if (reply.statusCode >= 300) throw new ApiError('media_unavailable', { retryAfterSeconds: 1 })
    return true
  }

  async function probe(path: string): Promise<string | null> {
    if (url === undefined) return null
    try {
      const reply = await request(url + path, { signal: AbortSignal.timeout(PROBE_MS) })
      const text = await reply.body.text()
      return reply.statusCode === 200 ? text : null
    } catch {
      return null
    }
  }

  return {
    isUp: async () => (await probe('/healthz')) !== null,
    metrics: () => probe('/metrics'),
    hangup: (callId) => act(`/calls/${encodeURIComponent(callId)}/hangup`, {}),
    say: (callId, text) => act(`/calls/${encodeURIComponent(callId)}/say`, { text }),
  }
}
