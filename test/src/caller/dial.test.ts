import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { clip } from '../speech/clip.js'
import { type EchoOptions, type EchoServer, openEchoServer } from '../testing/echo-server.js'
import { heardPcm } from '../wire/rtp-timeline.js'
import { dial, invite } from './dial.js'

let server: EchoServer | undefined
afterEach(() => server?.close())

async function echo(options: EchoOptions): Promise<EchoServer> {
  server = await openEchoServer(options)
  return server
}

test('an echo of 1500 ms is measured as another latency, or comes back as other sound', async () => {
  const { sipPort, requests } = await echo({ delayMs: 1500 })
  const caller = await dial({ sipPort })
  const said = await caller.say(clip('goodbye'))
  const heardMs = await caller.waitForAgentToStart({ sinceMs: said.firstVoicedMs })
  await caller.waitForAgentToFinish({ silenceMs: 300 })
  const [turn, ...more] = caller.turns()
  await caller.close()
  const voicedMs = said.lastVoicedMs - said.firstVoicedMs
  expect(more).toEqual([])
  expect(Math.abs((turn?.latencyMs ?? 0) - (1500 - voicedMs))).toBeLessThan(250)
  expect(Math.abs(heardMs - said.firstVoicedMs - 1500)).toBeLessThan(250)
  expect(heardPcm(caller.received()).filter((sample) => sample !== 0).length).toBeGreaterThan(5000)
  expect(requests).toEqual(['INVITE', 'ACK', 'BYE'])
})

test('digits are sent as something else than RFC 4733 events', async () => {
  const { sipPort, events } = await echo({ delayMs: 0 })
  const caller = await dial({ sipPort, codec: 'PCMA' })
  await caller.press('1#')
  await caller.close()
  const ends = events.filter((payload) => payload.readUInt8(1) & 0x80)
  expect(ends.map((payload) => [payload.readUInt8(0), payload.readUInt16BE(2)])).toEqual([
    ...Array(3).fill([1, 800]),
    ...Array(3).fill([11, 800]),
  ])
})

test('on hold the caller goes on sending, or is silent after resume', async () => {
  const { sipPort } = await echo({ delayMs: 0 })
  const caller = await dial({ sipPort })
  await sleep(200)
  const held = await caller.hold()
  const before = caller.sent().length
  await sleep(200)
  expect(caller.sent().length).toBe(before)
  const resumed = await caller.resume()
  await sleep(200)
  expect(caller.sent().length).toBeGreaterThan(before + 5)
  await caller.close()
  expect([held.direction, resumed.direction]).toEqual(['recvonly', 'sendrecv'])
})

test('a BYE of the other side is not seen', async () => {
  const opened = await echo({ delayMs: 0 })
  const caller = await dial({ sipPort: opened.sipPort })
  opened.bye()
  expect((await caller.waitForBye(2000)).by).toBe('agent')
  await expect(caller.say(clip('goodbye'))).rejects.toThrow('ended')
  await caller.close()
})

test('a refusal is not told by its status, or not acknowledged', async () => {
  const { sipPort, requests } = await echo({ delayMs: 0, status: 404 })
  await expect(dial({ sipPort, user: 'nobody' })).rejects.toMatchObject({ status: 404 })
  await sleep(50)
  expect(requests).toEqual(['INVITE', 'ACK'])
})

test('a CANCEL does not end a ringing call with 487', async () => {
  const { sipPort, requests } = await echo({ delayMs: 0, ringOnly: true })
  const pending = await invite({ sipPort })
  await pending.trying
  expect(await pending.cancel()).toBe(200)
  await expect(pending.answered).rejects.toMatchObject({ status: 487 })
  await sleep(50)
  expect(requests).toEqual(['INVITE', 'CANCEL', 'ACK'])
})

test('a lost INVITE is not sent again', async () => {
  const { sipPort } = await echo({ delayMs: 0, dropInvites: 1 })
  const caller = await dial({ sipPort })
  await caller.close()
})

test('with 20 percent loss as many packets arrive as without', async () => {
  const { sipPort } = await echo({ delayMs: 0 })
  const caller = await dial({ sipPort, lossPercent: 20, jitterMs: 30 })
  await caller.say(clip('book-table'))
  const packets = caller.sent()
  await caller.close()
  const span = (packets.at(-1)?.sequence ?? 0) - (packets[0]?.sequence ?? 0) + 1
  expect(packets.length / span).toBeGreaterThan(0.6)
  expect(packets.length / span).toBeLessThan(0.95)
})
