import type { ArtifactInfo, ArtifactStore, CallStore } from '@hotline/storage'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { ApiError } from '../errors/api-error.js'
import { parseRange } from '../http/range.js'
import { CallParams, callOrThrow } from './routes.js'

const schema = {
  tags: ['Calls'],
  summary: 'Listen to a call',
  description: 'A stereo WAV, caller left, agent right, on the call’s media clock. Takes `Range`.',
  params: CallParams,
  produces: ['audio/wav'],
}

/** `/v1/calls/{id}/recording`, with ranges, so that a player can seek. */
export function recordingRoutes(deps: { calls: CallStore; artifacts: ArtifactStore }): FastifyPluginAsyncZod {
  async function find(callId: string): Promise<ArtifactInfo> {
    const { status } = await callOrThrow(deps.calls, callId)
    const key = await deps.calls.recordingKey(callId)
    const info = key === null ? null : await deps.artifacts.stat(key)
    if (info) return info
    throw new ApiError(status === 'in_progress' ? 'recording_not_ready' : 'recording_not_found')
  }

  async function answer(request: FastifyRequest, reply: FastifyReply, callId: string): Promise<FastifyReply> {
    const info = await find(callId)
    const etag = `"${info.sizeBytes.toString(16)}-${info.modifiedAt.toString(16)}"`
    reply.headers({ etag, 'accept-ranges': 'bytes', 'cache-control': 'private, no-cache' }).type('audio/wav')
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    const condition = request.headers['if-range']
    const wanted = condition === undefined || condition === etag ? request.headers.range : undefined
    const range = parseRange(wanted, info.sizeBytes)
    if (range === 'unsatisfiable') {
      reply.header('content-range', `bytes */${info.sizeBytes}`)
      throw new ApiError('range_not_satisfiable')
    }
    if (range === 'whole') {
      reply.header('content-length', info.sizeBytes)
    } else {
      reply.code(206).headers({
        'content-range': `bytes ${range.start}-${range.end}/${info.sizeBytes}`,
        'content-length': range.end - range.start + 1,
      })
    }
    if (request.method === 'HEAD') return reply.send()
    return reply.send(await deps.artifacts.read(info.key, range === 'whole' ? undefined : range))
  }

  return async (app) => {
    app.route({
      method: ['GET', 'HEAD'],
      url: '/v1/calls/:call/recording',
      schema,
      handler: async (request, reply) => answer(request, reply, request.params.call),
    })
  }
}
