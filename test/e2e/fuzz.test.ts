import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { seededRandom } from '../src/caller/random.js'
import { sdpOffer } from '../src/sip/sdp.js'
import { clip } from '../src/speech/clip.js'
import { mutateBytes, mutateText } from '../src/testing/mutation.js'
import { wordErrorRate } from '../src/text/word-error-rate.js'
import { encodeG711 } from '../src/wire/g711.js'
import { buildRtp } from '../src/wire/rtp-packet.js'
import { api, createAgent, platform, withCaller } from './scene.js'

const UDP_MESSAGES = 9000
const TCP_MESSAGES = 1000
const RTP_PACKETS = 10_000
const BURST = 20

/** A well-formed request for an agent that does not exist, so that a message that survives its mutation makes no call. */
function request(method: string, index: number): string {
  const body = method === 'INVITE' ? sdpOffer('PCMU', 40_000, 'sendrecv', 1) : ''
  return [
    `${method} sip:nobody-here@127.0.0.1:${platform.sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKfuzz${index};rport`,
    'Max-Forwards: 70',
    `From: "Fuzz" <sip:fuzz@127.0.0.1>;tag=fuzz${index}`,
    `To: <sip:nobody-here@127.0.0.1>${method === 'BYE' || method === 'ACK' ? ';tag=gone' : ''}`,
    `Call-ID: fuzz-${index}@127.0.0.1`,
    `CSeq: ${1 + (index % 7)} ${method}`,
    'Contact: <sip:fuzz@127.0.0.1:9>',
    ...(body ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

async function expectConversation(user: string): Promise<void> {
  await withCaller({ user }, async (caller) => {
    await caller.ask(clip('opening-hours'))
    await caller.waitForAgentToFinish()
  })
  const call = await api.finishedCall(user)
  expect(wordErrorRate(clip('opening-hours').text, call.turns[0]?.caller?.text ?? '')).toBeLessThanOrEqual(0.3)
}

test('10,000 mutated SIP messages stop the platform from answering', async () => {
  const random = seededRandom(20_251)
  const methods = ['INVITE', 'OPTIONS', 'BYE', 'ACK', 'CANCEL', 'INFO', 'REGISTER', 'UPDATE', 'PRACK', 'SIP/2.0 200']
  const message = (index: number) => mutateText(request(methods[index % methods.length] ?? 'INVITE', index), random)
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  for (let index = 0; index < UDP_MESSAGES; index++) {
    socket.send(Buffer.from(message(index)), platform.sipPort, '127.0.0.1')
    if (index % BURST === 0) await sleep(10)
  }
  socket.close()
  for (let index = 0; index < TCP_MESSAGES; index += BURST) {
    const connection = connect(platform.sipPort, '127.0.0.1')
    // The server may end a connection whose stream makes no sense.
    connection.on('error', () => {})
    await once(connection, 'connect')
    for (let part = 0; part < BURST; part++) connection.write(message(UDP_MESSAGES + index + part))
    await sleep(10)
    connection.destroy()
  }
  await expectConversation(await createAgent('fuzzed'))
})

test('10,000 mutated RTP packets stop a call or the platform', async () => {
  const random = seededRandom(20_252)
  const user = await createAgent('fuzzed')
  await withCaller({ user }, async (caller) => {
    await caller.waitForAgentToFinish()
    const stranger = createSocket('udp4').bind(0, '127.0.0.1')
    await once(stranger, 'listening')
    for (let index = 0; index < RTP_PACKETS; index++) {
      const payload = encodeG711('PCMU', new Int16Array(160))
      const packet = {
        payloadType: [0, 8, 101, 13][index % 4] ?? 0,
        marker: false,
        sequence: index,
        timestamp: index * 160,
        ssrc: 99,
        payload,
      }
      const bytes = mutateBytes(buildRtp(packet), random)
      if (index % 5 === 0) caller.sendRaw(bytes)
      // Every tenth goes where RTCP is expected.
      else stranger.send(bytes, caller.answer.port + (index % 10 === 1 ? 1 : 0), '127.0.0.1')
      if (index % BURST === 0) await sleep(10)
    }
    stranger.close()
    expect(caller.ended()).toBeNull()
  })
  await expectConversation(await createAgent('fuzzed'))
})
