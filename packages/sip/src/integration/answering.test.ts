import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SrfDialog, SrfRequest } from '../call-control/drachtio.js'
import { get, getAll } from '../embedded/message/message.js'
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
import { openStage, QUICK, type Stage } from '../embedded/testing/stage.js'

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

/** The application answers the next call; resolves to its dialog. */
function answer(localSdp = SDP, headers: Record<string, string> = {}): Promise<SrfDialog> {
  return new Promise((resolve, reject) => {
    stage.srf.invite((request, response) => {
      stage.srf.createUAS(request, response, { localSdp, headers }, (error, dialog) =>
        error || !dialog ? reject(error) : resolve(dialog),
      )
    })
  })
}

/** Calls and acknowledges; returns what a later request in the dialog needs. */
async function call(from: Peer, headers: Record<string, string> = {}) {
  const invite = draftRequest(from, 'INVITE', stage.sipPort, { body: SDP, headers })
  from.send(invite)
  const ok = await from.next(isResponse(200, 'INVITE'))
  from.send(ackFor(from, invite, ok, stage.sipPort))
  const inDialog = { callId: get(invite, 'call-id') ?? '', fromTag: tagOf(invite, 'from'), toTag: tagOf(ok, 'to') }
  return { invite, ok, inDialog }
}

it.each(['udp', 'tcp'] as const)('answers, talks and is hung up over %s', async (proto) => {
  const dialog = answer()
  const caller = await openPeer(stage.sipPort, proto)
  const { ok, inDialog } = await call(caller)
  expect(caller.received.some(isResponse(100))).toBe(true)
  expect(ok.body).toBe(SDP)
  expect(get(ok, 'content-type')).toBe('application/sdp')
  expect(get(ok, 'contact')).toContain(`127.0.0.1:${stage.sipPort}`)
  expect(get(ok, 'via')).toContain(`rport=${caller.port}`)
  const ended = new Promise((resolve) => dialog.then((d) => d.on('destroy', resolve)))
  await dialog
  caller.send(draftRequest(caller, 'BYE', stage.sipPort, { ...inDialog, cseq: 2 }))
  await caller.next(isResponse(200, 'BYE'))
  await ended
  await stage.quiet()
  caller.close()
})

it('repeats the 200 until the ACK comes, and a lost ACK costs nothing', async () => {
  const dialog = answer()
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP })
  peer.send(invite)
  const acked = dialog.then((d) => new Promise((resolve) => d.on('ack', resolve)))
  await peer.next(isResponse(200))
  const again = await peer.next(isResponse(200))
  await peer.next(isResponse(200))
  peer.send(ackFor(peer, invite, again, stage.sipPort))
  await acked
  peer.received.length = 0
  await new Promise((resolve) => setTimeout(resolve, 5 * QUICK.t2Ms))
  expect(peer.received.filter(isResponse(200))).toEqual([])
})

it('hangs up a call whose ACK never comes, and tells the application', async () => {
  const ended = answer().then((d) => new Promise((resolve) => d.on('destroy', (_, reason) => resolve(reason))))
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP }))
  const bye = await peer.next(isRequest('BYE'), 5000)
  expect(get(bye, 'reason')).toContain('ACK timeout')
  expect(await ended).toBe('ACK timeout')
  await stage.quiet()
})

it('answers CANCEL with 200 and its INVITE with 487, once', async () => {
  const cancelled = new Promise<void>((resolve) => {
    stage.srf.invite((request, response) => {
      response.send(180)
      request.on('cancel', () => {
        resolve()
        // What a B2BUA does; the server has answered already.
        response.send(487)
      })
    })
  })
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP })
  peer.send(invite)
  await peer.next(isResponse(180))
  const cancel = {
    ...invite,
    method: 'CANCEL',
    body: '',
    headers: invite.headers.filter((h) => h.key !== 'content-type'),
  }
  cancel.headers = cancel.headers.map((h) => (h.key === 'cseq' ? { ...h, value: '1 CANCEL' } : h))
  peer.send(cancel)
  peer.send(cancel)
  await peer.next(isResponse(200, 'CANCEL'))
  await peer.next(isResponse(200, 'CANCEL'))
  const terminated = await peer.next(isResponse(487, 'INVITE'))
  peer.send({
    ...ackFor(peer, invite, terminated, stage.sipPort),
    headers: [
      invite.headers[0] as (typeof invite.headers)[0],
      ...ackFor(peer, invite, terminated, stage.sipPort).headers.slice(1),
    ],
  })
  await cancelled
  await stage.quiet()
})

it('answers a CANCEL that means nothing with 481', async () => {
  peer.send(draftRequest(peer, 'CANCEL', stage.sipPort))
  await peer.next(isResponse(481, 'CANCEL'))
})

it('repeats a refusal until its ACK', async () => {
  stage.srf.invite((_request, response) => response.send(486))
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP })
  peer.send(invite)
  await peer.next(isResponse(486))
  const busy = await peer.next(isResponse(486))
  const ack = ackFor(peer, invite, busy, stage.sipPort)
  peer.send({
    ...ack,
    uri: invite.uri,
    headers: [invite.headers[0] as (typeof ack.headers)[0], ...ack.headers.slice(1)],
  })
  await stage.quiet(1000)
})

it('puts a call on hold and takes it back by re-INVITE', async () => {
  const dialog = answer()
  const { inDialog } = await call(peer)
  const offers: string[] = []
  ;(await dialog).on('modify', (request, response) => {
    offers.push(request.body ?? '')
    response.send(200, { body: SDP.replace('sendrecv', 'recvonly') })
  })
  for (const [cseq, direction] of [
    [2, 'sendonly'],
    [3, 'sendrecv'],
  ] as const) {
    const body = SDP.replace('sendrecv', direction)
    const invite = draftRequest(peer, 'INVITE', stage.sipPort, { ...inDialog, cseq, body })
    peer.send(invite)
    const ok = await peer.next(isResponse(200, 'INVITE'))
    expect(get(ok, 'cseq')).toBe(`${cseq} INVITE`)
    peer.send(ackFor(peer, invite, ok, stage.sipPort))
  }
  expect(offers.map((sdp) => /a=(\w+)/.exec(sdp)?.[1])).toEqual(['sendonly', 'sendrecv'])
})

it('moves with the peer: requests go to the Contact of the last re-INVITE', async () => {
  const dialog = answer()
  const { inDialog } = await call(peer)
  const moved = await openPeer(stage.sipPort)
  const invite = draftRequest(moved, 'INVITE', stage.sipPort, { ...inDialog, cseq: 2, body: SDP })
  moved.send(invite)
  const ok = await moved.next(isResponse(200, 'INVITE'))
  moved.send(ackFor(moved, invite, ok, stage.sipPort))
  ;(await dialog).destroy({}, () => {})
  await moved.next(isRequest('BYE'))
  moved.close()
})

it('passes INFO, UPDATE and OPTIONS of a call to its dialog', async () => {
  const dialog = await Promise.all([answer(), call(peer)])
  const infos: string[] = []
  dialog[0].on('info', (request, response) => {
    infos.push(request.body ?? '')
    response.send(200)
  })
  const { inDialog } = dialog[1]
  const headers = { 'Content-Type': 'application/dtmf-relay' }
  peer.send(
    draftRequest(peer, 'INFO', stage.sipPort, { ...inDialog, cseq: 2, headers, body: 'Signal=5\r\nDuration=160\r\n' }),
  )
  await peer.next(isResponse(200, 'INFO'))
  expect(infos).toEqual(['Signal=5\r\nDuration=160\r\n'])
  peer.send(draftRequest(peer, 'UPDATE', stage.sipPort, { ...inDialog, cseq: 3 }))
  await peer.next(isResponse(200, 'UPDATE'))
  peer.send(draftRequest(peer, 'OPTIONS', stage.sipPort, { ...inDialog, cseq: 4 }))
  await peer.next(isResponse(200, 'OPTIONS'))
})

it('refuses requests of a call that come out of order or belong to none', async () => {
  void answer()
  const { inDialog } = await call(peer)
  peer.send(draftRequest(peer, 'INFO', stage.sipPort, { ...inDialog, cseq: 7 }))
  await peer.next(isResponse(200, 'INFO'))
  peer.send(draftRequest(peer, 'INFO', stage.sipPort, { ...inDialog, cseq: 3 }))
  await peer.next(isResponse(500, 'INFO'))
  peer.send(draftRequest(peer, 'BYE', stage.sipPort, { ...inDialog, toTag: 'another', cseq: 8 }))
  await peer.next(isResponse(481, 'BYE'))
})

it('takes the answer from the ACK when the INVITE has no offer', async () => {
  const dialog = answer()
  const invite = draftRequest(peer, 'INVITE', stage.sipPort)
  peer.send(invite)
  const ok = await peer.next(isResponse(200))
  expect(ok.body).toBe(SDP)
  const acked = dialog.then(
    (d) => new Promise<string | undefined>((resolve) => d.on('ack', (ack) => resolve(ack.body))),
  )
  await dialog
  peer.send(ackFor(peer, invite, ok, stage.sipPort, SDP))
  expect(await acked).toBe(SDP)
})

it('follows the route set of the proxies on the way', async () => {
  const dialog = answer()
  const proxy = await openPeer(stage.sipPort)
  const routes = `<sip:127.0.0.1:${proxy.port};lr>, <sip:127.0.0.1:${peer.port};lr>`
  const { ok } = await call(peer, { 'Record-Route': routes })
  expect(getAll(ok, 'record-route')).toEqual([routes])
  ;(await dialog).destroy({}, () => {})
  const bye = await proxy.next(isRequest('BYE'))
  expect(getAll(bye, 'route').join(', ')).toBe(routes)
  expect(bye.uri).toContain('sip:caller@')
  proxy.close()
})

it('hangs up from the application and counts its CSeq on', async () => {
  const dialog = answer()
  await call(peer)
  ;(await dialog).destroy({ headers: { 'X-Why': 'done' } }, () => {})
  const bye = await peer.next(isRequest('BYE'))
  expect(get(bye, 'x-why')).toBe('done')
  peer.send(
    bye.uri.includes('caller')
      ? `SIP/2.0 200 OK\r\n${bye.headers
          .filter((h) => ['via', 'from', 'to', 'call-id', 'cseq'].includes(h.key))
          .map((h) => `${h.name}: ${h.value}\r\n`)
          .join('')}Content-Length: 0\r\n\r\n`
      : '',
  )
  await stage.quiet()
})

it('lets the application choose the tag of its responses', async () => {
  stage.srf.invite((_request: SrfRequest, response) => response.send(480, { headers: { to: 'x;tag=mine' } }))
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP }))
  expect(tagOf(await peer.next(isResponse(480)), 'to')).toBe('mine')
})

it('sends a provisional response reliably and stops at the PRACK', async () => {
  const dialog = new Promise<SrfDialog>((resolve) => {
    stage.srf.invite((request, response) => {
      response.send(183, { body: SDP, headers: { Require: '100rel' } })
      setTimeout(() => {
        stage.srf.createUAS(request, response, { localSdp: SDP }, (_error, made) => made && resolve(made))
      }, 200)
    })
  })
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP, headers: { Supported: '100rel' } })
  peer.send(invite)
  await peer.next(isResponse(183))
  const progress = await peer.next(isResponse(183))
  const rseq = get(progress, 'rseq')
  expect(rseq).toMatch(/^\d+$/)
  const inDialog = {
    callId: get(invite, 'call-id') ?? '',
    fromTag: tagOf(invite, 'from'),
    toTag: tagOf(progress, 'to'),
  }
  peer.send(draftRequest(peer, 'PRACK', stage.sipPort, { ...inDialog, cseq: 2, headers: { RAck: `${rseq} 1 INVITE` } }))
  await peer.next(isResponse(200, 'PRACK'))
  const ok = await peer.next(isResponse(200, 'INVITE'))
  peer.send(ackFor(peer, invite, ok, stage.sipPort))
  await dialog
  peer.send(draftRequest(peer, 'PRACK', stage.sipPort, { ...inDialog, cseq: 3, headers: { RAck: `${rseq} 1 INVITE` } }))
  await peer.next(isResponse(481, 'PRACK'))
})

it('takes an ACK that has the branch of its INVITE', async () => {
  const dialog = answer()
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP })
  peer.send(invite)
  const ok = await peer.next(isResponse(200))
  const acked = dialog.then((d) => new Promise((resolve) => d.on('ack', resolve)))
  const ack = ackFor(peer, invite, ok, stage.sipPort)
  const via = invite.headers.slice(0, 1)
  peer.send({ ...ack, headers: [...via, ...ack.headers.slice(1)] })
  await acked
})

it('drops the early dialog of a caller whose connection breaks while it rings', async () => {
  const caller = await openPeer(stage.sipPort, 'tcp')
  let ring = () => {}
  stage.srf.invite((_request, response) => {
    response.send(180)
    ring = () => response.send(180)
  })
  caller.send(draftRequest(caller, 'INVITE', stage.sipPort, { body: SDP }))
  await caller.next(isResponse(180))
  expect(stage.server.counts().dialogs).toBe(1)
  caller.close()
  await expect.poll(() => stage.server.counts().connections).toBe(0)
  ring()
  await stage.quiet()
})
