import { setTimeout as sleep } from 'node:timers/promises'
import { writeWav } from '../wire/wav.js'

/** The parts of a call's record that the judge looks at. Times in ms on the call's media clock. */
export interface CallRecord {
  id: string
  status: 'in_progress' | 'completed' | 'failed'
  agent_name: string
  codec: string
  cause: string | null
  duration_ms: number | null
  usage: { prompt_tokens: number; completion_tokens: number }
  transcript: {
    role: 'caller' | 'agent'
    text: string
    start_ms: number
    end_ms: number
    kind: string
    interrupted: boolean
    full_text: string | null
  }[]
  turns: TurnRecord[]
  interruptions: { at_ms: number; outcome: 'barge_in' | 'resumed'; paused_ms: number }[]
  failures: { at_ms: number; component: string; message: string }[]
  recording: { ready: boolean; duration_ms: number; url: string } | null
}

export interface TurnRecord {
  id: string
  latency_ms: number | null
  stages: Record<string, number> | null
  caller: { text: string; start_ms: number; end_ms: number } | null
  agent: { text: string; full_text: string; start_ms: number; end_ms: number; interrupted: boolean } | null
}

/** One of a call's events. */
export interface CallEventRecord {
  seq: number
  time: number
  event: { type: string } & Record<string, unknown>
}

/** The platform's HTTP API as a client program sees it. Every method throws on an unexpected status. */
export interface Api {
  /** Creates an agent; gives its name. */
  createAgent(input: Record<string, unknown> & { name: string }): Promise<string>
  /** The calls of one agent, newest first. */
  callsOf(agentName: string): Promise<CallRecord[]>
  /** Waits for the newest call of an agent to be over and its record to be whole. */
  finishedCall(agentName: string, options?: { recording?: boolean; timeoutMs?: number }): Promise<CallRecord>
  events(callId: string): Promise<CallEventRecord[]>
  recording(callId: string): Promise<Buffer>
  hangup(callId: string): Promise<void>
  /** What the platform's own ASR hears in 8 kHz sound. */
  transcribe(pcm: Int16Array): Promise<string>
  get(path: string): Promise<Response>
}

const REQUEST_LIMIT_MS = 30_000
const RECORD_LIMIT_MS = 20_000

/** A client of the API at `httpUrl`. */
export function createApi(httpUrl: string): Api {
  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${httpUrl}${path}`, { ...init, signal: AbortSignal.timeout(REQUEST_LIMIT_MS) })
    if (!response.ok) {
      throw new Error(`${init.method ?? 'GET'} ${path}: ${response.status} ${await response.text()}`)
    }
    return response
  }

  async function json<Body>(path: string, init?: RequestInit): Promise<Body> {
    return (await (await request(path, init)).json()) as Body
  }

  const post = (path: string, body: unknown) =>
    request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

  async function callsOf(agentName: string): Promise<CallRecord[]> {
    const { data } = await json<{ data: CallRecord[] }>(`/v1/calls?limit=100&agent=${encodeURIComponent(agentName)}`)
    return data
  }

  return {
    get: request,
    callsOf,
    async createAgent(input) {
      await post('/v1/agents', input)
      return input.name
    },
    async finishedCall(agentName, { recording = false, timeoutMs = RECORD_LIMIT_MS } = {}) {
      const limit = performance.now() + timeoutMs
      for (;;) {
        const [call] = await callsOf(agentName)
        const over = call !== undefined && call.status !== 'in_progress'
        if (over && (!recording || call.recording?.ready)) return json<CallRecord>(`/v1/calls/${call.id}`)
        if (performance.now() > limit) throw new Error(`no finished call of ${agentName}: ${JSON.stringify(call)}`)
        await sleep(200)
      }
    },
    async events(callId) {
      const response = await request(`/v1/calls/${callId}/events`)
      const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data:'))
      return lines.map((line): CallEventRecord => JSON.parse(line.slice(5)))
    },
    recording: async (callId) => Buffer.from(await (await request(`/v1/calls/${callId}/recording`)).arrayBuffer()),
    async hangup(callId) {
      await post(`/v1/calls/${callId}/hangup`, {})
    },
    async transcribe(pcm) {
      const body = new FormData()
      body.set('model', 'default')
      body.set('file', new Blob([new Uint8Array(writeWav({ rateHz: 8000, channels: [pcm] }))]), 'call.wav')
      return (await json<{ text: string }>('/v1/audio/transcriptions', { method: 'POST', body })).text
    },
  }
}
