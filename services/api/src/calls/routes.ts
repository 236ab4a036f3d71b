import { type ArtifactStore, Call, CallStatus, type CallStore } from '@hotline/storage'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ApiError, ErrorBody } from '../errors/api-error.js'
import { FieldsQuery, itemBody, ListQuery, listBody, listOf } from '../http/list.js'
import { deleteCall } from './delete-call.js'
import type { MediaClient } from './media-client.js'

export const CallParams = z.strictObject({ call: z.string().max(256).describe('A call’s id.') })
const CallListQuery = ListQuery.extend({
  agent: z.string().max(256).optional().describe('Only calls of this agent, by id or name.'),
  status: CallStatus.optional(),
})
const Deleted = z.object({ id: z.string(), object: z.literal('call.deleted'), deleted: z.literal(true) })
const Accepted = z.object({ id: z.string(), object: z.literal('call.action'), accepted: z.literal(true) })
const Say = z.strictObject({ text: z.string().min(1).max(2000).describe('Spoken to the caller as it is.') })
const tags = ['Calls']

/** Reads a call. @throws ApiError `call_not_found` */
export async function callOrThrow(calls: CallStore, id: string): Promise<Call> {
  const call = await calls.get(id)
  if (!call) throw new ApiError('call_not_found', { message: `There is no call '${id}'.` })
  return call
}

export interface CallRouteDeps {
  calls: CallStore
  artifacts: ArtifactStore
  media: MediaClient
}

/** `/v1/calls`: records of calls, and what can be done to one in progress. */
export function callRoutes({ calls, artifacts, media }: CallRouteDeps): FastifyPluginAsyncZod {
  /** Media knows of a call before its first event is stored, so it is asked first. */
  async function act(id: string, action: () => Promise<boolean>) {
    if (!(await action())) {
      await callOrThrow(calls, id)
      throw new ApiError('call_not_in_progress')
    }
    return { id, object: 'call.action' as const, accepted: true as const }
  }

  return async (app) => {
    app.get(
      '/v1/calls',
      {
        schema: {
          tags,
          summary: 'List calls',
          querystring: CallListQuery,
          response: { 200: listOf(Call), 400: ErrorBody },
        },
      },
      async (request) => {
        const { fields, ...options } = request.query
        return listBody(await calls.list(options), Call, fields)
      },
    )

    app.get(
      '/v1/calls/:call',
      {
        schema: {
          tags,
          summary: 'Read a call',
          description: 'Transcript, turns with their latency by stage, usage. Grows while the call is in progress.',
          params: CallParams,
          querystring: FieldsQuery,
          response: { 200: Call, 404: ErrorBody },
        },
      },
      async (request) => itemBody(await callOrThrow(calls, request.params.call), Call, request.query.fields),
    )

    app.post(
      '/v1/calls/:call/hangup',
      {
        schema: {
          tags,
          summary: 'Hang up',
          params: CallParams,
          response: { 202: Accepted, 404: ErrorBody, 409: ErrorBody, 503: ErrorBody },
        },
      },
      async (request, reply) => {
        const { call } = request.params
        return reply.code(202).send(await act(call, () => media.hangup(call)))
      },
    )

    app.post(
      '/v1/calls/:call/say',
      {
        schema: {
          tags,
          summary: 'Have the agent say something',
          params: CallParams,
          body: Say,
          response: { 202: Accepted, 400: ErrorBody, 404: ErrorBody, 409: ErrorBody, 503: ErrorBody },
        },
      },
      async (request, reply) => {
        const { call } = request.params
        return reply.code(202).send(await act(call, () => media.say(call, request.body.text)))
      },
    )

    app.delete(
      '/v1/calls/:call',
      {
        schema: {
          tags,
          summary: 'Delete a call',
          description: 'Removes its record, events and recording for good.',
          params: CallParams,
          response: { 200: Deleted, 404: ErrorBody, 409: ErrorBody },
        },
      },
      async (request) => {
        const { id, status } = await callOrThrow(calls, request.params.call)
        if (status === 'in_progress') throw new ApiError('call_in_progress')
        await deleteCall({ calls, artifacts }, id)
        return { id, object: 'call.deleted' as const, deleted: true as const }
      },
    )
  }
}
