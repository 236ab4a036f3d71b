import { afterEach, expect } from 'vitest'
import { clip } from '../speech/clip.js'
import { type EchoServer, openEchoServer } from '../testing/echo-server.js'
import { testNeeding } from '../testing/needing.js'
import { runSipp } from './sipp.js'

let server: EchoServer | undefined
afterEach(() => server?.close())

testNeeding('sipp').each(['conversation', 'short-call', 'hold'] as const)(
  'the scenario %s does not run against a plain server',
  async (scenario) => {
    server = await openEchoServer({ delayMs: 0 })
    const audio = clip('goodbye').pcm
    const result = await runSipp({ scenario, sipPort: server.sipPort, audio, durationMs: 300, timeoutMs: 8000 })
    expect(result, result.log).toMatchObject({ code: 0, succeeded: 1, failed: 0 })
  },
)

testNeeding('sipp')('the scenario cancel does not end with 487', async () => {
  server = await openEchoServer({ delayMs: 0, ringOnly: true })
  const result = await runSipp({ scenario: 'cancel', sipPort: server.sipPort, durationMs: 0, timeoutMs: 8000 })
  expect(result, result.log).toMatchObject({ code: 0, succeeded: 1 })
  expect(server.requests).toEqual(['INVITE', 'CANCEL', 'ACK'])
})

testNeeding('sipp')('a refused call counts as a success', async () => {
  server = await openEchoServer({ delayMs: 0, status: 404 })
  const result = await runSipp({ scenario: 'short-call', sipPort: server.sipPort, durationMs: 0, timeoutMs: 4000 })
  expect(result).toMatchObject({ succeeded: 0, failed: 1 })
  expect(result.code).not.toBe(0)
})
