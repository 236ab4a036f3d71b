import Fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { CallRegistry } from '../door/call-registry.js'

export interface ControlApiOptions {
  registry: CallRegistry
  /** What is not ready yet, by name; empty when calls can be taken. */
  missing: () => string[]
  /** Prometheus text. */
  metrics: () => Promise<string>
  /** Resources that must return to where they began when no call is up. */
  counts: () => Record<string, number>
}

const SayBody = z.strictObject({ text: z.string().min(1).max(2000) })

/** The media process's own HTTP door, for the API and for probes; never for the public. */
export function createControlApi(options: ControlApiOptions): FastifyInstance {
  const { registry } = options
  const app = Fastify({ bodyLimit: 64 * 1024, forceCloseConnections: true })

  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const missing = [...options.missing(), ...(registry.draining ? ['draining'] : [])]
    return reply.status(missing.length === 0 ? 200 : 503).send({ ready: missing.length === 0, missing })
  })
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4').send(await options.metrics()))
  app.get('/debug/counts', async () => options.counts())

  app.post<{ Params: { id: string } }>('/calls/:id/say', async (request, reply) => {
    const body = SayBody.safeParse(request.body)
    if (!body.success)
      return reply.status(400).send(error('invalid_request', 'text must be a string of 1 to 2000 characters'))
    const call = registry.get(request.params.id)
    if (!call) return reply.status(404).send(notUp(request.params.id))
    call.say(body.data.text)
    return reply.status(202).send({ id: call.id })
  })
  app.post<{ Params: { id: string } }>('/calls/:id/hangup', async (request, reply) => {
    const call = registry.get(request.params.id)
    if (!call) return reply.status(404).send(notUp(request.params.id))
    call.requestHangup('api_hangup')
    return reply.status(202).send({ id: call.id })
  })
  return app
}

function error(code: string, message: string) {
  return { error: { message, type: 'invalid_request_error', param: null, code } }
}

function notUp(id: string) {
  return error('call_not_active', `Call ${id} is not up.`)
}
