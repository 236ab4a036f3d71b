import { afterEach, expect, test } from 'vitest'
import { createSpeechClient, decodePcm, type SpeechClient, type SpeechRequest } from './speech-client.js'
import { drain, type LoopbackServer, startLoopbackServer } from './testing/loopback-server.js'

let server: LoopbackServer | undefined
let client: SpeechClient | undefined

afterEach(async () => {
  await client?.close()
  await server?.close()
})

async function serve(...args: Parameters<typeof startLoopbackServer>): Promise<SpeechClient> {
  server = await startLoopbackServer(...args)
  client = createSpeechClient({ baseUrl: server.baseUrl })
  return client
}

const request: SpeechRequest = {
  text: 'Hello.',
  voice: 'joe',
  sampleRateHz: 8000,
  firstAudioTimeoutMs: 5000,
  gapTimeoutMs: 5000,
}

const samples = Int16Array.from([1, -2, 300, -32768, 32767, 0, -1])
const bytes = Buffer.from(samples.buffer)

function joined(pieces: Int16Array[]): number[] {
  return pieces.flatMap((piece) => [...piece])
}

test('audio turns to noise where the network splits a sample', async () => {
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const body = (async function* () {
        yield bytes.subarray(0, first)
        yield bytes.subarray(first, second)
        yield bytes.subarray(second)
      })()
      const { items, error } = await drain(decodePcm({ body, header: () => '8000' }, 8000))
      expect(error).toBeNull()
      expect(joined(items)).toEqual([...samples])
      expect(items.every((piece) => piece.length > 0)).toBe(true)
    }
  }
})

test('speech streams over HTTP at the rate that was asked for', async () => {
  const speech = await serve((_, response) => {
    response.writeHead(200, { 'x-sample-rate': '8000' })
    response.write(bytes.subarray(0, 5))
    setTimeout(() => response.end(bytes.subarray(5)), 10)
  })
  const { items } = await drain(speech.synthesize({ ...request, speed: 1.2 }))
  expect(joined(items)).toEqual([...samples])
  expect(server?.requests[0]).toEqual({
    path: '/v1/audio/speech',
    body: { model: 'tts-1', input: 'Hello.', voice: 'joe', speed: 1.2, response_format: 'pcm', sample_rate: 8000 },
  })
})

test('a server that only knows 24 kHz makes the agent speak three times too slowly', async () => {
  const second = Buffer.alloc(24_000 * 2)
  const speech = await serve((_, response) => {
    response.writeHead(200)
    response.end(second)
  })
  const { items } = await drain(speech.synthesize(request))
  expect(joined(items)).toHaveLength(8000)
})

test('half a sample at the end goes unnoticed', async () => {
  const speech = await serve((_, response) => {
    response.writeHead(200, { 'x-sample-rate': '8000' })
    response.end(bytes.subarray(0, 5))
  })
  const { items, error } = await drain(speech.synthesize(request))
  expect(joined(items)).toEqual([...samples.subarray(0, 2)])
  expect(error).toMatchObject({ kind: 'bad_response', retryable: false })
})

test.each([['first'], ['further']])('a synthesizer that stalls before its %s audio holds the caller', async (when) => {
  const speech = await serve((_, response) => {
    if (when === 'first') return
    response.writeHead(200, { 'x-sample-rate': '8000' })
    response.write(bytes)
  })
  const { error } = await drain(speech.synthesize({ ...request, firstAudioTimeoutMs: 60, gapTimeoutMs: 60 }))
  expect(error).toMatchObject({ kind: 'timeout', message: `no ${when} audio within 60 ms` })
})

test('a full synthesizer is not told from a broken one', async () => {
  const speech = await serve((_, response) => {
    response.writeHead(429, { 'retry-after': '30' }).end('{"error":{"message":"queue is full"}}')
  })
  const { error } = await drain(speech.synthesize(request))
  expect(error).toMatchObject({ kind: 'overloaded', status: 429, retryAfterMs: 30_000 })
})

test('the list of voices keeps what another server leaves out', async () => {
  const speech = await serve((_, response) => {
    response.end(
      JSON.stringify({
        object: 'list',
        data: [
          { id: 'joe', name: 'Joe', language: 'en-US', engine: 'piper', sample_rate: 22050, default: true },
          { id: 'x' },
        ],
      }),
    )
  })
  expect(await speech.voices()).toEqual([
    { id: 'joe', name: 'Joe', language: 'en-US', engine: 'piper', sampleRateHz: 22050, isDefault: true },
    { id: 'x', name: 'x', language: null, engine: null, sampleRateHz: null, isDefault: false },
  ])
})

test('a list of voices that is none, or never comes, is taken for one', async () => {
  const garbled = await serve((_, response) => response.end('{"data":[{"name":"no id"}]}'))
  await expect(garbled.voices()).rejects.toMatchObject({ kind: 'bad_response' })
  await client?.close()
  await server?.close()
  const silent = await serve(() => {})
  await expect(silent.voices({ timeoutMs: 50 })).rejects.toMatchObject({ kind: 'timeout' })
})
