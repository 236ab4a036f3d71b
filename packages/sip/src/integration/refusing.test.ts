import net from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SrfDialog } from '../call-control/drachtio.js'
import { get } from '../embedded/message/message.js'
import {
  ackFor,
  draftRequest,
  isRequest,
  isResponse,
  openPeer,
  type Peer,
  SDP,
  tagOf,
} from '../embedded/testing/peer.js'
import { connectSrf, disconnect, openStage, QUICK, type Stage } from '../embedded/testing/stage.js'

let stage: Stage
let peer: Peer

beforeEach(async () => {
  stage = await openStage({ timing: QUICK })
  peer = await openPeer(stage.sipPort)
})

afterEach(async () => {
  peer.close()
  await stage.close()
})

it('answers 503 with Retry-After when no application is connected', async () => {
  disconnect(stage.srf)
  await stage.routed(0)
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP }))
  expect(get(await peer.next(isResponse(503)), 'retry-after')).toMatch(/^\d+$/)
  peer.send(draftRequest(peer, 'OPTIONS', stage.sipPort))
  await peer.next(isResponse(503, 'OPTIONS'))
})

it('answers 503 when the application goes while a call rings', async () => {
  disconnect(stage.srf)
  await stage.routed(0)
  const leaving = await connectSrf(stage.drachtioPort)
  leaving.invite(() => disconnect(leaving))
  await stage.routed(1)
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP }))
  expect(get(await peer.next(isResponse(503, 'INVITE')), 'retry-after')).toMatch(/^\d+$/)
  await stage.quiet()
})

it('hangs up the calls of an application that goes', async () => {
  disconnect(stage.srf)
  await stage.routed(0)
  const leaving = await connectSrf(stage.drachtioPort)
  const dialog = new Promise<SrfDialog>((resolve) => {
    leaving.invite((request, response) =>
      leaving.createUAS(request, response, { localSdp: SDP }, (_error, made) => made && resolve(made)),
    )
  })
  await stage.routed(1)
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP })
  peer.send(invite)
  const ok = await peer.next(isResponse(200))
  peer.send(ackFor(peer, invite, ok, stage.sipPort))
  await dialog
  disconnect(leaving)
  const bye = await peer.next(isRequest('BYE'))
  expect(tagOf(bye, 'to')).toBe(tagOf(invite, 'from'))
  expect(stage.server.counts().dialogs).toBe(0)
})

it('answers OPTIONS itself, 405 to what nobody routes and 501 to what nobody knows', async () => {
  stage.srf.invite(() => {})
  peer.send(draftRequest(peer, 'OPTIONS', stage.sipPort))
  expect(get(await peer.next(isResponse(200, 'OPTIONS')), 'allow')).toContain('INVITE')
  peer.send(draftRequest(peer, 'REGISTER', stage.sipPort))
  expect(get(await peer.next(isResponse(405, 'REGISTER')), 'allow')).toContain('BYE')
  peer.send(draftRequest(peer, 'FROBNICATE', stage.sipPort))
  await peer.next(isResponse(501, 'FROBNICATE'))
})

it('answers 400 to an INVITE without Contact, 422 to a session interval too small', async () => {
  stage.srf.invite(() => {})
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP })
  peer.send({ ...invite, headers: invite.headers.filter((field) => field.key !== 'contact') })
  await peer.next(isResponse(400, 'INVITE'))
  const headers = { Supported: 'timer', 'Session-Expires': '30' }
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP, headers }))
  expect(get(await peer.next(isResponse(422)), 'min-se')).toBe('90')
})

it('agrees to a session timer', async () => {
  stage.srf.invite((request, response) => stage.srf.createUAS(request, response, { localSdp: SDP }, () => {}))
  const headers = { Supported: 'timer', 'Session-Expires': '1800' }
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP, headers })
  peer.send(invite)
  const ok = await peer.next(isResponse(200))
  expect(get(ok, 'session-expires')).toBe('1800;refresher=uac')
  expect(get(ok, 'require')).toBe('timer')
  peer.send(ackFor(peer, invite, ok, stage.sipPort))
})

it('answers 482 to the same INVITE on another path', async () => {
  stage.srf.invite((_request, response) => response.send(180))
  const same = { callId: 'merged', fromTag: 'x', body: SDP }
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, same))
  await peer.next(isResponse(180))
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, same))
  await peer.next(isResponse(482))
})

it('refuses calls beyond its bounds', async () => {
  const small = await openStage({ timing: QUICK, limits: { maxDialogs: 1 } })
  const caller = await openPeer(small.sipPort)
  small.srf.invite((request, response) => small.srf.createUAS(request, response, { localSdp: SDP }, () => {}))
  caller.send(draftRequest(caller, 'INVITE', small.sipPort, { body: SDP }))
  await caller.next(isResponse(200))
  caller.send(draftRequest(caller, 'INVITE', small.sipPort, { body: SDP }))
  expect(get(await caller.next(isResponse(503)), 'retry-after')).toMatch(/^\d+$/)
  caller.close()
  await small.close()
})

it('turns away an application with a wrong secret, and one that speaks out of turn', async () => {
  for (const text of ['authenticate|wrong', 'route|invite', 'nonsense|x']) {
    const socket = net.connect(stage.drachtioPort, '127.0.0.1')
    const said = new Promise<string>((resolve) => {
      let all = ''
      socket.on('data', (chunk) => {
        all += chunk
      })
      socket.on('close', () => resolve(all))
    })
    socket.write(`${text.length + 2}#1|${text}`)
    expect(await said).toMatch(/response\|1\|NO\|/)
  }
  const noise = net.connect(stage.drachtioPort, '127.0.0.1')
  const closed = new Promise((resolve) => noise.on('close', resolve))
  noise.on('error', () => {})
  noise.write('GET / HTTP/1.1\r\n\r\n')
  await closed
})

it('answers pings and tells its addresses and version', async () => {
  const socket = net.connect(stage.drachtioPort, '127.0.0.1')
  let all = ''
  socket.on('data', (chunk) => {
    all += chunk
  })
  const frames = ['1|authenticate|a secret|tag', '2|ping', '3|route|register', '4|remove_route|register']
  socket.write(frames.map((text) => `${text.length}#${text}`).join(''))
  await expect.poll(() => all).toMatch(/response\|4\|OK/)
  expect(all).toContain(`|OK|udp/127.0.0.1:${stage.sipPort},tcp/127.0.0.1:${stage.sipPort}|v0.9.5|`)
  expect(all).toMatch(/response\|2\|OK/)
  socket.destroy()
})
