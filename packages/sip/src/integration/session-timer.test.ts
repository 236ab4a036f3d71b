import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SrfDialog } from '../call-control/drachtio.js'
import { get } from '../embedded/message/message.js'
import {
  ackFor,
  answerTo,
  draftRequest,
  isRequest,
  isResponse,
  openPeer,
  type Peer,
  SDP,
} from '../embedded/testing/peer.js'
import { openStage, type Stage } from '../embedded/testing/stage.js'
import { createVirtualClock, type VirtualClock } from '../embedded/testing/virtual-clock.js'

let clock: VirtualClock
let stage: Stage
let peer: Peer

beforeEach(async () => {
  clock = createVirtualClock()
  stage = await openStage({ clock })
  peer = await openPeer(stage.sipPort)
})

afterEach(async () => {
  peer.close()
  await stage.close()
})

/** A call with a session timer of 90 s; the peer lists the methods of `allow`. */
async function callUp(refresher: 'uac' | 'uas', allow: string): Promise<SrfDialog> {
  const dialog = new Promise<SrfDialog>((resolve) => {
    stage.srf.invite((request, response) =>
      stage.srf.createUAS(request, response, { localSdp: SDP }, (_error, made) => made && resolve(made)),
    )
  })
  const headers = { Supported: 'timer', 'Session-Expires': `90;refresher=${refresher}`, Allow: allow }
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP, headers })
  peer.send(invite)
  const ok = await peer.next(isResponse(200))
  expect(get(ok, 'session-expires')).toBe(`90;refresher=${refresher}`)
  const up = await dialog
  const acked = new Promise((resolve) => up.on('ack', resolve))
  peer.send(ackFor(peer, invite, ok, stage.sipPort))
  await acked
  return up
}

it('hangs up when the peer does not refresh the session (RFC 4028 §10)', async () => {
  const dialog = await callUp('uac', 'INVITE, BYE')
  const ended = new Promise((resolve) => dialog.on('destroy', (_request, reason) => resolve(reason)))
  clock.advance(59_000)
  expect(peer.received.some(isRequest('BYE'))).toBe(false)
  clock.advance(2000)
  const bye = await peer.next(isRequest('BYE'))
  peer.send(answerTo(peer, bye, 200, ''))
  expect(await ended).toBe('Session timer expired')
  expect(stage.server.counts().dialogs).toBe(0)
})

it('refreshes the session with UPDATE where the peer takes it, and again', async () => {
  await callUp('uas', 'INVITE, BYE, UPDATE')
  for (let n = 0; n < 2; n++) {
    clock.advance(45_000)
    const update = await peer.next(isRequest('UPDATE'))
    expect(get(update, 'session-expires')).toBe('90;refresher=uac')
    peer.send(answerTo(peer, update, 200, '', { 'Session-Expires': '90;refresher=uac' }))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(peer.received.some(isRequest('BYE'))).toBe(false)
})

it('refreshes the session with a re-INVITE otherwise, waits out glare, and gives up a call that is gone', async () => {
  await callUp('uas', 'INVITE, BYE')
  clock.advance(45_000)
  const first = await peer.next(isRequest('INVITE'))
  expect(first.body).toBe(SDP)
  peer.send(answerTo(peer, first, 491, ''))
  await peer.next(isRequest('ACK'))
  clock.advance(2000)
  const second = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, second, 200, '', {}, SDP))
  expect(get(await peer.next(isRequest('ACK')), 'cseq')).toBe(get(second, 'cseq')?.replace('INVITE', 'ACK'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  clock.advance(45_000)
  const third = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, third, 481, ''))
  await peer.next(isRequest('BYE'))
})
