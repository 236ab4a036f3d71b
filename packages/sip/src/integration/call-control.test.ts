import { afterEach, beforeEach, expect, it } from 'vitest'
import { CallControl, type IncomingCall, type SipCall } from '../call-control/index.js'
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
  tagOf,
} from '../embedded/testing/peer.js'
import { disconnect, openStage, QUICK, SILENT_LOG, type Stage } from '../embedded/testing/stage.js'

let stage: Stage
let peer: Peer
let control: CallControl
let onCall: (call: IncomingCall) => void

beforeEach(async () => {
  stage = await openStage({ timing: QUICK })
  disconnect(stage.srf)
  peer = await openPeer(stage.sipPort)
  onCall = () => {}
  control = new CallControl({
    host: '127.0.0.1',
    port: stage.drachtioPort,
    secret: 'a secret',
    log: SILENT_LOG,
    onCall: (call) => onCall(call),
  })
  control.connect()
  await expect.poll(() => control.connected, { timeout: 5000 }).toBe(true)
  await stage.routed(2)
})

afterEach(async () => {
  control.disconnect()
  peer.close()
  await stage.close()
})

const nextCall = () => new Promise<IncomingCall>((resolve) => (onCall = resolve))

async function callUp(body = SDP) {
  const incoming = nextCall()
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body })
  peer.send(invite)
  const answered = (await incoming).answer(SDP)
  const ok = await peer.next(isResponse(200))
  peer.send(ackFor(peer, invite, ok, stage.sipPort, body === '' ? SDP : ''))
  const call = await answered
  const inDialog = { callId: get(invite, 'call-id') ?? '', fromTag: tagOf(invite, 'from'), toTag: tagOf(ok, 'to') }
  return { call, invite, ok, inDialog }
}

const event = <T extends 'bye' | 'dtmf' | 'reinvite'>(call: SipCall, name: T) =>
  new Promise<unknown[]>((resolve) => call.once(name, (...args: unknown[]) => resolve(args)))

it('tells who is called, escapes resolved', async () => {
  const incoming = nextCall()
  const headers = { 'X-Ticket': '42' }
  const uri = `sip:caf%C3%A9;phone-context=x@127.0.0.1:${stage.sipPort}`
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP, uri, headers }))
  const call = await incoming
  expect(call).toMatchObject({ user: 'café', offerSdp: SDP })
  expect(call.headers['X-Ticket']).toBe('42')
  call.ringing()
  await peer.next(isResponse(180))
  call.reject(404, 'No such agent', { 'X-Why': 'unknown' })
  call.reject(500)
  const refusal = await peer.next(isResponse(404))
  expect(refusal.reason).toBe('No such agent')
  expect(get(refusal, 'x-why')).toBe('unknown')
  await expect(call.answer(SDP)).rejects.toThrow(/already/)
})

it('answers, hears the caller hang up once', async () => {
  const { call, inDialog } = await callUp()
  expect(call.remoteSdp).toBe(SDP)
  const bye = event(call, 'bye')
  peer.send(draftRequest(peer, 'BYE', stage.sipPort, { ...inDialog, cseq: 2 }))
  await peer.next(isResponse(200, 'BYE'))
  expect(await bye).toEqual(['remote'])
  expect(call.ended).toBe(true)
  await call.hangup()
  expect(control.size).toBe(0)
})

it('hangs up', async () => {
  const { call } = await callUp()
  const done = call.hangup({ 'X-Why': 'goodbye' })
  const bye = await peer.next(isRequest('BYE'))
  expect(get(bye, 'x-why')).toBe('goodbye')
  peer.send(answerTo(peer, bye, 200, ''))
  await done
  expect(control.size).toBe(0)
  await stage.quiet()
})

it('takes a late answer from the ACK', async () => {
  const { call } = await callUp('')
  expect(call.remoteSdp).toBe(SDP)
})

it('gives up an answer whose ACK never comes', async () => {
  const incoming = nextCall()
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP }))
  await expect((await incoming).answer(SDP)).rejects.toThrow(/ack-timeout/)
  expect(control.size).toBe(0)
})

it('aborts the signal when the caller cancels', async () => {
  const incoming = nextCall()
  const invite = draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP })
  peer.send(invite)
  const call = await incoming
  const aborted = new Promise((resolve) => call.signal.addEventListener('abort', resolve))
  const headers = invite.headers
    .filter((field) => field.key !== 'content-type')
    .map((field) => (field.key === 'cseq' ? { ...field, value: '1 CANCEL' } : field))
  peer.send({ ...invite, method: 'CANCEL', body: '', headers })
  await aborted
  await expect(call.answer(SDP)).rejects.toMatchObject({ status: 487 })
  expect(control.size).toBe(0)
})

it('lets the owner answer hold, resume and an empty re-INVITE; 488 when nobody does', async () => {
  const { call, inDialog } = await callUp()
  const reinvite = async (cseq: number, body: string) => {
    const invite = draftRequest(peer, 'INVITE', stage.sipPort, { ...inDialog, cseq, body })
    peer.send(invite)
    return invite
  }
  await reinvite(2, SDP)
  await peer.next(isResponse(488))
  call.on('reinvite', (offer, respond) => respond.accept(offer === null ? SDP : offer.replace('sendonly', 'recvonly')))
  const hold = SDP.replace('sendrecv', 'sendonly')
  const invite = await reinvite(3, hold)
  const ok = await peer.next(isResponse(200, 'INVITE'))
  expect(ok.body).toContain('recvonly')
  expect(call.remoteSdp).toBe(hold)
  peer.send(ackFor(peer, invite, ok, stage.sipPort))
  const empty = await reinvite(4, '')
  const offer = await peer.next(isResponse(200, 'INVITE'))
  const answered = new Promise((resolve) => call.on('answer', resolve))
  peer.send(ackFor(peer, empty, offer, stage.sipPort, SDP))
  expect(await answered).toBe(SDP)
})

it('changes the session, and waits out glare', async () => {
  const { call } = await callUp()
  const modified = call.modify(SDP.replace('sendrecv', 'sendonly'))
  const first = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, first, 491, ''))
  await peer.next(isRequest('ACK'))
  const second = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, second, 200, '', {}, SDP))
  expect(await modified).toBe(SDP)
  const refused = call.modify(SDP)
  const third = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, third, 488, ''))
  await expect(refused).rejects.toMatchObject({ status: 488 })
})

it('answers 491 to an offer that meets its own', async () => {
  const { call, inDialog } = await callUp()
  call.on('reinvite', (_offer, respond) => respond.accept(SDP))
  const modified = call.modify(SDP)
  const ours = await peer.next(isRequest('INVITE'))
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { ...inDialog, cseq: 2, body: SDP }))
  await peer.next(isResponse(491))
  peer.send(answerTo(peer, ours, 200, '', {}, SDP))
  await modified
})

it('reads keys from INFO', async () => {
  const { call, inDialog } = await callUp()
  const key = event(call, 'dtmf')
  const headers = { 'Content-Type': 'application/dtmf-relay' }
  const body = 'Signal=#\r\nDuration=250\r\n'
  peer.send(draftRequest(peer, 'INFO', stage.sipPort, { ...inDialog, cseq: 2, headers, body }))
  await peer.next(isResponse(200, 'INFO'))
  expect(await key).toEqual(['#', 250])
})

it('refuses a body that is no session description, and a call whose handler fails', async () => {
  const headers = { 'Content-Type': 'text/plain' }
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { body: 'hello', headers }))
  await peer.next(isResponse(415))
  onCall = () => {
    throw new Error('broken')
  }
  peer.send(draftRequest(peer, 'INVITE', stage.sipPort, { body: SDP }))
  await peer.next(isResponse(500))
})

it('places a call and cancels another', async () => {
  const uri = `sip:friend@127.0.0.1:${peer.port}`
  const from = 'sip:agent@localhost'
  const placed = control.placeCall({ uri, from, localSdp: SDP, signal: new AbortController().signal })
  const invite = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, invite, 200, 'b', {}, SDP))
  const call = await placed
  expect(call.remoteSdp).toBe(SDP)
  await peer.next(isRequest('ACK'))

  const controller = new AbortController()
  const cancelled = control.placeCall({ uri, from, localSdp: SDP, signal: controller.signal })
  const second = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, second, 180, 'b'))
  controller.abort()
  const cancel = await peer.next(isRequest('CANCEL'))
  peer.send(answerTo(peer, cancel, 200, 'b'))
  peer.send(answerTo(peer, second, 487, 'b'))
  await expect(cancelled).rejects.toMatchObject({ status: 487 })
  expect(control.size).toBe(1)
})

it('ends its calls when signaling goes, and comes back by itself', async () => {
  const { call } = await callUp()
  const bye = event(call, 'bye')
  const { sipPort, drachtioPort } = stage
  await stage.close()
  expect(await bye).toEqual(['signaling-lost'])
  expect(control.connected).toBe(false)
  await expect(
    control.placeCall({ uri: 'sip:x@127.0.0.1', from: 'sip:y@z', localSdp: SDP, signal: new AbortController().signal }),
  ).rejects.toMatchObject({ status: 503 })
  stage = await openStage({ timing: QUICK, sipPort, drachtioPort })
  disconnect(stage.srf)
  await expect.poll(() => control.connected, { timeout: 8000 }).toBe(true)
  await stage.routed(2)
  await callUp()
}, 15_000)
