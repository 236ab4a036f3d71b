import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../errors/api-error.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without an API key: health, metrics, the API's description. */
    open?: boolean
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whether the request bears this key. Takes the same time whatever is wrong with it. */
export function bearsKey(request: FastifyRequest, apiKey: string): boolean {
  const [scheme = '', key = ''] = (request.headers.authorization ?? '').split(' ')
  return scheme.toLowerCase() === 'bearer' && timingSafeEqual(digest(key), digest(apiKey))
}

function isLoopbackName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return name === 'localhost' || name === '[::1]' || /^127(\.\d+){3}$/.test(name)
}

/**
 * Guards every route. With a key set, a request must bear it. Without one the server listens on loopback only and any
 * key will do; then a web page elsewhere must not reach it through the user's browser, neither by a request of its own
 * (the Origin header tells) nor by a name that it points at this machine (the Host header tells).
 */
export function guard(app: FastifyInstance, apiKey: string | undefined): void {
  app.addHook('onRequest', async (request) => {
    if (apiKey === undefined) {
      const { origin } = request.headers
      if (!isLoopbackName(request.host)) throw new ApiError('origin_not_allowed')
      if (origin !== undefined && !(URL.canParse(origin) && isLoopbackName(new URL(origin).host))) {
        throw new ApiError('origin_not_allowed')
      }
      return
    }
    if (request.routeOptions.config.open === true) return
    if (!bearsKey(request, apiKey)) throw new ApiError('invalid_api_key')
  })
}
