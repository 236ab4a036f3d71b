import { Readable } from 'node:stream'
import type { CallEvent, CallStore } from '@hotline/storage'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ApiError } from '../errors/api-error.js'
import type { CallFeed } from './call-feed.js'
import { CallParams, callOrThrow } from './routes.js'

const PAGE = 200
/** Another process may have stored the event, so the store is looked at even when nothing was announced here. */
const POLL_MS = 1_000
/** How long an event that comes before its predecessor is held back. */
const GAP_MS = 3_000

const Headers = z.object({ 'last-event-id': z.coerce.number().int().min(0).optional() })

export interface EventStreamDeps {
  calls: CallStore
  feed: CallFeed
  /** Ends all streams. */
  stopping: AbortSignal
  /** A comment goes out after so long without an event, so that proxies keep the connection. Default 15,000 ms. */
  heartbeatMs?: number
  /** Default 500. */
  maxWatchers?: number
}

/** One event in the form of the HTML standard's server-sent events; `id` is its `seq`. */
function frame(event: CallEvent): string {
  return `id: ${event.seq}\nevent: ${event.event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

/** The events that follow `afterSeq` without a gap. */
function contiguous(events: readonly CallEvent[], afterSeq: number): CallEvent[] {
  return events.filter((event, at) => event.seq === afterSeq + 1 + at)
}

/** All events of a call above `afterSeq`, live ones included, until the call has ended and all are told. */
export async function* watchCall(
  { calls, feed, heartbeatMs = 15_000 }: EventStreamDeps,
  callId: string,
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let last = afterSeq
  let ended = false
  let gapSince: number | null = null
  let spokeAt = Date.now()
  yield 'retry: 1000\n\n'
  while (!signal.aborted) {
    const woken = feed.wait(callId, POLL_MS, signal)
    const stored = await calls.events(callId, last, PAGE)
    const inOrder = contiguous(stored, last)
    if (stored.length > inOrder.length) gapSince ??= Date.now()
    else gapSince = null
    const giveUp = gapSince !== null && Date.now() - gapSince > GAP_MS
    for (const event of giveUp ? stored : inOrder) {
      last = event.seq
      spokeAt = Date.now()
      ended ||= event.event.type === 'call.ended'
      yield frame(event)
    }
    if (stored.length === PAGE) continue
    if (stored.length === 0 && (ended || (await hasEnded(calls, callId)))) return
    if (Date.now() - spokeAt >= heartbeatMs) {
      spokeAt = Date.now()
      yield ': still here\n\n'
    }
    if (stored.length === 0 || gapSince !== null) await woken
  }
}

async function hasEnded(calls: CallStore, callId: string): Promise<boolean> {
  const call = await calls.get(callId)
  return call === null || call.status !== 'in_progress'
}

/** `/v1/calls/{id}/events`: from the first event (or after `Last-Event-ID`) to the call's end. */
export function eventStreamRoutes(deps: EventStreamDeps): FastifyPluginAsyncZod {
  let watchers = 0
  return async (app) => {
    app.get(
      '/v1/calls/:call/events',
      {
        schema: {
          tags: ['Calls'],
          summary: 'Watch a call',
          description:
            'Server-sent events: all events from the first on, then live until the call has ended. `Last-Event-ID` goes on after that `seq`. `event` is the type, `data` the whole entry.',
          params: CallParams,
          headers: Headers,
          produces: ['text/event-stream'],
        },
      },
      async (request, reply) => {
        const { id } = await callOrThrow(deps.calls, request.params.call)
        if (watchers >= (deps.maxWatchers ?? 500)) throw new ApiError('too_many_watchers', { retryAfterSeconds: 5 })
        watchers += 1
        const ending = new AbortController()
        const end = (): void => ending.abort()
        deps.stopping.addEventListener('abort', end)
        reply.raw.once('close', () => {
          watchers -= 1
          deps.stopping.removeEventListener('abort', end)
          end()
        })
        const afterSeq = request.headers['last-event-id'] ?? -1
        const stream = Readable.from(watchCall(deps, id, afterSeq, ending.signal), { objectMode: false })
        return reply
          .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
          .type('text/event-stream; charset=utf-8')
          .send(stream)
      },
    )
  }
}
