import dgram from 'node:dgram'
import net from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { SrfDialog } from '../call-control/drachtio.js'
import { get } from '../embedded/message/message.js'
import { serialize } from '../embedded/message/serialize.js'
import { ackFor, draftRequest, isResponse, openPeer, type Peer, SDP, tagOf } from '../embedded/testing/peer.js'
import { openStage, type Stage } from '../embedded/testing/stage.js'

let stage: Stage | undefined
const peers: Peer[] = []

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close()
  await stage?.close()
})

function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const NASTY = [
  '\0',
  '\r\n',
  '\r\n\r\n',
  ':',
  ';',
  '<',
  '>',
  '"',
  '|',
  '#',
  ',',
  '%',
  '\u{1F600}',
  ' ',
  '\t',
  '=',
  '@',
  'A'.repeat(3000),
]

/** Damages a message in one to three places, most often a single byte. */
function mutate(text: string, pick: (below: number) => number): Buffer {
  let bytes = Buffer.from(text)
  for (let n = pick(6) < 4 ? 0 : 2; n >= 0; n--) {
    const at = pick(bytes.length)
    const end = Math.min(bytes.length, at + pick(20))
    const nasty = Buffer.from(NASTY[pick(NASTY.length)] ?? '')
    switch (pick(12)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), nasty, bytes.subarray(at)])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), nasty, bytes.subarray(end)])
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
        break
      case 4:
        bytes = bytes.subarray(0, at)
        break
      default:
        bytes = Buffer.from(bytes)
        if (bytes.length > 0) bytes[at] = pick(4) === 0 ? pick(256) : 32 + pick(95)
    }
  }
  return bytes
}

it('answers after 4,000 damaged messages over UDP and TCP, and holds nothing in the end', async () => {
  const timing = { t1Ms: 15, t2Ms: 60, t4Ms: 60 }
  // Damage may turn a Contact or Route into an address outside: nothing leaves loopback.
  stage = await openStage({ timing, filter: (hop) => hop.address.startsWith('127.') })
  const { srf, sipPort } = stage
  let reached = 0
  const dialogs: SrfDialog[] = []
  srf.invite((request, response) => {
    reached++
    srf.createUAS(request, response, { localSdp: SDP }, (_error, dialog) => dialog && dialogs.push(dialog))
  })
  const target = await openPeer(sipPort)
  const udp = await openPeer(sipPort)
  peers.push(target, udp)
  // One call is up, so that half of the damage falls inside a dialog.
  const invite = draftRequest(udp, 'INVITE', sipPort, { body: SDP })
  udp.send(invite)
  const ok = await udp.next(isResponse(200))
  udp.send(ackFor(udp, invite, ok, sipPort))
  const inDialog = { callId: get(invite, 'call-id') ?? '', fromTag: tagOf(invite, 'from'), toTag: tagOf(ok, 'to') }
  udp.intercept = () => true
  target.intercept = (message) => !isResponse(200)(message)
  const pick = seeded(2026)
  const methods = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'INFO', 'UPDATE', 'PRACK', 'REGISTER', 'REFER']
  const socket = dgram.createSocket('udp4')
  for (let n = 0; n < 4000; n++) {
    const method = methods[pick(methods.length)] ?? 'INVITE'
    const draft = draftRequest(udp, method, sipPort, {
      body: pick(2) === 0 ? SDP : '',
      ...(pick(2) === 0 && method !== 'BYE' && inDialog),
      cseq: 1 + n,
    })
    const bytes = mutate(serialize(draft), pick)
    if (n % 10 === 0) {
      const stream = net.connect(sipPort, '127.0.0.1')
      stream.on('error', () => {})
      stream.end(bytes)
      stream.resume()
    } else if (bytes.length > 0 && bytes.length < 60_000) socket.send(bytes, sipPort, '127.0.0.1')
    if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await new Promise((resolve) => setTimeout(resolve, 100))
  socket.close()

  for (const method of ['OPTIONS', 'INVITE']) {
    const request = draftRequest(target, method, sipPort, { body: method === 'INVITE' ? SDP : '' })
    target.send(request)
    // A datagram may be lost on a busy machine.
    const again = setInterval(() => target.send(request), 500)
    await target.next(isResponse(200, method), 10_000).finally(() => clearInterval(again))
  }
  for (const dialog of dialogs) dialog.destroy({}, () => {})
  await stage.quiet(15_000)
  await expect.poll(() => stage?.server.counts().connections, { timeout: 5000 }).toBe(0)
  expect(reached).toBeGreaterThan(50)
}, 40_000)
