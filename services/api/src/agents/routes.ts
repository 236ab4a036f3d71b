import { Agent, AgentInput, AgentPatch, type AgentStore } from '@hotline/storage'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ApiError, ErrorBody } from '../errors/api-error.js'
import { FieldsQuery, itemBody, ListQuery, listBody, listOf } from '../http/list.js'

const Params = z.strictObject({ agent: z.string().describe('An agent’s id or name.') })
const Deleted = z.object({ id: z.string(), object: z.literal('agent.deleted'), deleted: z.literal(true) })
const tags = ['Agents']

function found<T>(value: T | null, idOrName: string): T {
  if (value === null) throw new ApiError('agent_not_found', { message: `There is no agent '${idOrName}'.` })
  return value
}

/** `/v1/agents`: who answers, and how. */
export function agentRoutes(agents: AgentStore): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/v1/agents',
      {
        schema: {
          tags,
          summary: 'Create an agent',
          body: AgentInput,
          response: { 201: Agent, 400: ErrorBody, 409: ErrorBody },
        },
      },
      async (request, reply) => reply.code(201).send(await agents.create(request.body)),
    )

    app.get(
      '/v1/agents',
      {
        schema: {
          tags,
          summary: 'List agents',
          querystring: ListQuery,
          response: { 200: listOf(Agent), 400: ErrorBody },
        },
      },
      async (request) => {
        const { fields, ...options } = request.query
        return listBody(await agents.list(options), Agent, fields)
      },
    )

    app.get(
      '/v1/agents/:agent',
      {
        schema: {
          tags,
          summary: 'Read an agent',
          params: Params,
          querystring: FieldsQuery,
          response: { 200: Agent, 404: ErrorBody },
        },
      },
      async (request) => {
        const agent = found(await agents.get(request.params.agent), request.params.agent)
        return itemBody(agent, Agent, request.query.fields)
      },
    )

    // OpenAI's clients change things by POST, REST's by PATCH: both do the same.
    app.route({
      method: ['PATCH', 'POST'],
      url: '/v1/agents/:agent',
      schema: {
        tags,
        summary: 'Change an agent',
        description: 'What is sent replaces, what is not stays; lists and `metadata` are replaced whole.',
        params: Params,
        body: AgentPatch,
        response: { 200: Agent, 400: ErrorBody, 404: ErrorBody, 409: ErrorBody },
      },
      handler: async (request) => found(await agents.update(request.params.agent, request.body), request.params.agent),
    })

    app.delete(
      '/v1/agents/:agent',
      {
        schema: {
          tags,
          summary: 'Delete an agent',
          description: 'Calls in progress go on to their end.',
          params: Params,
          response: { 200: Deleted, 404: ErrorBody },
        },
      },
      async (request) => {
        const { id } = found(await agents.remove(request.params.agent), request.params.agent)
        return { id, object: 'agent.deleted' as const, deleted: true as const }
      },
    )
  }
}
