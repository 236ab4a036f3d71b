import { randomBytes } from 'node:crypto'
import type { Log } from '@hotline/observability'
import { reasonOf } from '@hotline/storage'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { ApiError } from '../errors/api-error.js'
import { toApiError } from '../errors/to-api-error.js'

const BODY_LIMIT_BYTES = 1024 * 1024
/** How long requests in hand may take to finish when the server closes. */
const CLOSE_GRACE_MS = 3_000
const JSON_TYPE = 'application/json; charset=utf-8'

/** A Fastify server with this API's manners: request ids, OpenAI's errors, zod for what comes in. */
export function createServer(log: Log): FastifyInstance {
  const logger: FastifyBaseLogger = log
  const app = Fastify({
    loggerInstance: logger,
    bodyLimit: BODY_LIMIT_BYTES,
    // Health checks and scrapes would drown the rest; errors are logged below.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 256 },
    requestTimeout: 120_000,
    // Errors from before a route is found, such as an address that cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      const answer = toApiError(error)
      reply.hijack()
      reply.raw.writeHead(answer.status, { 'content-type': JSON_TYPE, 'x-request-id': request.id })
      reply.raw.end(JSON.stringify(answer.body()))
    },
    genReqId: (request) => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : `req_${randomBytes(12).toString('hex')}`
    },
  })
  app.setValidatorCompiler(validatorCompiler)
  // Answers are made from typed values: they are written as they are, schemas only describe them.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))

  // Clients send the JSON content type even where there is no body.
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parseJson(request, typeof body === 'string' ? body : body.toString(), done)
  })

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.setNotFoundHandler((request) => {
    throw new ApiError('unknown_url', {
      message: `There is nothing at ${request.method} ${request.url.split('?')[0]}.`,
    })
  })
  app.setErrorHandler((error, request, reply) => {
    const answer = toApiError(error)
    if (answer.status >= 500) {
      request.log.error({ requestId: request.id, code: answer.code, reason: reasonOf(error) }, 'request failed')
    }
    if (answer.retryAfterSeconds !== null) reply.header('retry-after', answer.retryAfterSeconds)
    return reply.code(answer.status).type(JSON_TYPE).send(answer.body())
  })
  closeConnectionsInTime(app)
  return app
}

/**
 * Closing waits for connections, also for such as nobody uses: kept alive, or opened ahead of a request. So all are cut
 * as soon as no request is in hand, and after a while in any case.
 */
function closeConnectionsInTime(app: FastifyInstance): void {
  let inHand = 0
  app.addHook('onRequest', async (_request, reply) => {
    inHand += 1
    reply.raw.once('close', () => {
      inHand -= 1
    })
  })
  app.addHook('preClose', async () => {
    const deadline = Date.now() + CLOSE_GRACE_MS
    const sweep = setInterval(() => {
      if (inHand === 0 || Date.now() >= deadline) app.server.closeAllConnections()
    }, 25)
    app.server.once('close', () => clearInterval(sweep))
    if (!app.server.listening) clearInterval(sweep)
  })
}
