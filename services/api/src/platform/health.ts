import { mergeExpositions, metricsText, type Registry } from '@hotline/observability'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { MediaClient } from '../calls/media-client.js'

export interface HealthDeps {
  isDatabaseUp: () => Promise<boolean>
  isRedisUp: () => boolean
  media: MediaClient
  registry: Registry
}

const Ready = z.object({
  status: z.enum(['ready', 'not_ready']),
  missing: z.array(z.enum(['database', 'redis', 'media'])),
})
const tags = ['Operation']
const config = { open: true }

/** `/healthz`, `/readyz` and `/metrics`, all without a key. */
export function healthRoutes({ isDatabaseUp, isRedisUp, media, registry }: HealthDeps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/healthz',
      {
        config,
        schema: {
          tags,
          summary: 'Whether the process answers',
          response: { 200: z.object({ status: z.literal('ok') }) },
        },
      },
      async () => ({ status: 'ok' as const }),
    )

    app.get(
      '/readyz',
      {
        config,
        schema: { tags, summary: 'Whether all that it needs is there', response: { 200: Ready, 503: Ready } },
      },
      async (_request, reply) => {
        const [database, mediaUp] = await Promise.all([isDatabaseUp(), media.isUp()])
        const checks = { database, redis: isRedisUp(), media: mediaUp }
        const missing = (Object.keys(checks) as (keyof typeof checks)[]).filter((name) => !checks[name])
        return missing.length === 0
          ? reply.code(200).send({ status: 'ready', missing })
          : reply.code(503).send({ status: 'not_ready', missing })
      },
    )

    app.get(
      '/metrics',
      { config, schema: { tags, summary: 'Prometheus metrics, media’s included', produces: ['text/plain'] } },
      async (_request, reply) => {
        const [own, ofMedia] = await Promise.all([metricsText(registry), media.metrics()])
        const body = mergeExpositions(ofMedia === null ? [own.body] : [own.body, ofMedia])
        return reply.header('content-type', own.contentType).send(body)
      },
    )
  }
}
