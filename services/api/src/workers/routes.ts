import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../errors/api-error.js'
import { passThrough } from './pass-through.js'

/** Addresses of the workers, each ending in `/v1`. */
export interface WorkerUrls {
  llm: string | undefined
  asr: string | undefined
  tts: string | undefined
}

const JSON_BYTES = 4 * 1024 * 1024
/** OpenAI's limit for a file to transcribe, and room for the form around it. */
const AUDIO_BYTES = 26 * 1024 * 1024

interface Route {
  method: 'GET' | 'POST'
  path: string
  worker: keyof WorkerUrls
  summary: string
  maxBodyBytes: number
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/models', worker: 'llm', summary: 'List models', maxBodyBytes: 0 },
  { method: 'GET', path: '/models/:model', worker: 'llm', summary: 'Read a model', maxBodyBytes: 0 },
  { method: 'POST', path: '/chat/completions', worker: 'llm', summary: 'Chat', maxBodyBytes: JSON_BYTES },
  { method: 'POST', path: '/audio/speech', worker: 'tts', summary: 'Speak a text', maxBodyBytes: JSON_BYTES },
  { method: 'GET', path: '/audio/voices', worker: 'tts', summary: 'List voices', maxBodyBytes: 0 },
  {
    method: 'POST',
    path: '/audio/transcriptions',
    worker: 'asr',
    summary: 'Transcribe a recording',
    maxBodyBytes: AUDIO_BYTES,
  },
]

/** The HTTP address of a worker that may be known by its WebSocket one. */
export function httpBase(url: string): string {
  return url.replace(/^ws/, 'http').replace(/\/$/, '')
}

/** OpenAI's paths that the workers answer themselves, streamed through in both directions. */
export function workerRoutes(urls: WorkerUrls): FastifyPluginAsync {
  return async (app: FastifyInstance) => {
    // Bodies go through unread.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { bodyLimit: AUDIO_BYTES }, (_request, payload, done) => done(null, payload))
    for (const { method, path, worker, summary, maxBodyBytes } of ROUTES) {
      app.route({
        method,
        url: `/v1${path}`,
        exposeHeadRoute: false,
        schema: { tags: ['Models and audio'], summary, description: 'As OpenAI’s; answered by the worker.' },
        handler: async (request: FastifyRequest, reply: FastifyReply) => {
          const base = urls[worker]
          if (base === undefined)
            throw new ApiError('worker_unavailable', { message: `No ${worker} worker is set up.` })
          const { model } = request.params as { model?: string }
          const at = model === undefined ? path : `/models/${encodeURIComponent(model)}`
          return passThrough(request, reply, { url: httpBase(base) + at, worker, maxBodyBytes })
        },
      })
    }
  }
}
