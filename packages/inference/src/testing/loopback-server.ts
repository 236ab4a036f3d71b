import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface LoopbackServer {
  baseUrl: string
  /** Requests so far, by path and parsed JSON body. */
  requests: { path: string; body: unknown }[]
  /** Connections made so far. */
  connections: () => number
  close(): Promise<void>
}

/** A real HTTP server on a loopback port, for tests: `handle` answers the n-th request, from 1. */
export async function startLoopbackServer(
  handle: (request: IncomingMessage, response: ServerResponse, nth: number) => void,
): Promise<LoopbackServer> {
  const requests: LoopbackServer['requests'] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const text = Buffer.concat(parts).toString()
    requests.push({ path: request.url ?? '', body: text === '' ? null : JSON.parse(text) })
    handle(request, response, requests.length)
  })
  server.on('connection', (socket) => {
    connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** All items of a stream, and what it failed with, if it did. */
export async function drain<T>(stream: AsyncIterable<T>): Promise<{ items: T[]; error: unknown }> {
  const items: T[] = []
  try {
    for await (const item of stream) items.push(item)
    return { items, error: null }
  } catch (error) {
    return { items, error }
  }
}
