import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { InferenceError } from './error.js'
import { startTranscriberServer, type TranscriberServer } from './testing/fake-transcriber.js'
import { createTranscriptionClient } from './transcription-client.js'
import type { TranscriptionSession } from './transcription-session.js'

const cleanUp: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end()
})

async function serve(...args: Parameters<typeof startTranscriberServer>): Promise<TranscriberServer> {
  const server = await startTranscriberServer(...args)
  cleanUp.push(() => server.close())
  return server
}

function open(baseUrl: string, signal?: AbortSignal, options = {}): TranscriptionSession {
  const client = createTranscriptionClient({ baseUrl, finalTimeoutMs: 5000, ...options })
  const session = client.open({ format: 'pcmu', sampleRateHz: 8000, model: 'm', ...(signal ? { signal } : {}) })
  cleanUp.push(() => session.close())
  return session
}

const say = (session: TranscriptionSession, text: string) => session.append(Buffer.from(text, 'latin1'))

test('speech becomes text over a real socket, and a commit can be taken back', async () => {
  const server = await serve({ takesBack: true })
  const session = open(server.baseUrl)
  say(session, 'before the connection; ')
  await once(session, 'partial')
  say(session, 'after it')
  const first = await session.commit()
  expect(first.text).toBe('before the connection; after it')
  session.reopen(first.itemId)
  say(session, '; and more')
  expect((await session.commit()).text).toBe('before the connection; after it; and more')
})

test('a worker that dies in mid-turn takes the words along', async () => {
  const server = await serve({ takesBack: true })
  const session = open(server.baseUrl)
  say(session, 'one ')
  await once(session, 'partial')
  const error = once(session, 'error')
  server.sessions[0]?.socket.terminate()
  say(session, 'two ')
  expect(((await error)[0] as InferenceError).kind).toBe('network')
  say(session, 'three')
  expect((await session.commit()).text).toBe('one two three')
  expect(server.sessions).toHaveLength(2)
})

test('a worker that is not up yet when the call begins is never asked again', async () => {
  const placeholder = await startTranscriberServer({ takesBack: true })
  const port = Number(new URL(placeholder.baseUrl).port)
  await placeholder.close()
  const session = open(placeholder.baseUrl)
  say(session, 'hello')
  const text = session.commit()
  await once(session, 'error')
  await serve({ takesBack: true }, port)
  expect((await text).text).toBe('hello')
})

test('a worker that never comes back keeps the session hoping', async () => {
  const server = await startTranscriberServer({ takesBack: true })
  await server.close()
  const session = open(server.baseUrl, undefined, { reconnectForMs: 150 })
  say(session, 'hello')
  const text = session.commit()
  const closed = new Promise((resolve) => session.once('closed', resolve))
  await expect(text).rejects.toMatchObject({ kind: 'network' })
  expect(await closed).toMatchObject({ kind: 'network' })
})

test('a worker that refuses the key is asked again and again', async () => {
  let upgrades = 0
  const server = createServer()
  server.on('upgrade', (_, socket) => {
    upgrades++
    socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => void server.close())
  const session = open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)
  const [error] = await once(session, 'closed')
  expect(error).toMatchObject({ kind: 'refused', status: 401 })
  expect(upgrades).toBe(1)
})

test('a hang-up leaves the connection, or a commit, behind', async () => {
  const server = await serve({ takesBack: true, instant: false })
  const call = new AbortController()
  const session = open(server.baseUrl, call.signal)
  say(session, 'hello')
  await once(session, 'partial')
  const gone = once(server.sessions[0]?.socket ?? session, 'close')
  const text = session.commit()
  call.abort()
  await expect(text).rejects.toMatchObject({ kind: 'aborted' })
  await gone
})

test('a worker that takes no more bytes fills the memory', async () => {
  let paused = 0
  const server = await serve({ takesBack: true }, 0, (socket, nth) => {
    if (nth > 1) return true
    socket.pause()
    paused++
    return false
  })
  const session = open(server.baseUrl, undefined, { maxKeptMs: 600_000 })
  session.append(Buffer.alloc(1))
  const down = once(session, 'error')
  while (paused === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  // Far more than the buffers of a loopback socket hold.
  for (let i = 0; i < 300; i++) session.append(Buffer.alloc(32 * 1024, 'a'))
  await down
  session.clear()
  say(session, 'hello')
  expect((await session.commit()).text).toBe('hello')
})

test('a worker that hangs with its connection open takes the words along', async () => {
  const server = await serve({ takesBack: true }, 0, (socket, nth) => {
    if (nth > 1) return true
    socket.pause()
    return false
  })
  const session = open(server.baseUrl, undefined, { heartbeatMs: 100 })
  say(session, 'hello')
  expect((await session.commit()).text).toBe('hello')
})

test('a rate that the format does not have is sent to the worker', () => {
  const client = createTranscriptionClient({ baseUrl: 'ws://127.0.0.1:9/v1' })
  expect(() => client.open({ format: 'pcmu', sampleRateHz: 16000 })).toThrow(RangeError)
  expect(() => client.open({ format: 'pcm', sampleRateHz: 0 })).toThrow(RangeError)
  expect(() => createTranscriptionClient({ baseUrl: 'http://127.0.0.1:9/v1' })).toThrow(TypeError)
})
