import { once } from 'node:events'
import Srf from 'drachtio-srf'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { get, getAll } from '../embedded/message/message.js'
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
import { disconnect, openStage, QUICK, type Stage } from '../embedded/testing/stage.js'

let stage: Stage
let srf: Srf
let caller: Peer
let callee: Peer

beforeEach(async () => {
  stage = await openStage({ timing: QUICK })
  disconnect(stage.srf)
  srf = new Srf()
  srf.on('error', () => {})
  srf.connect({ host: '127.0.0.1', port: stage.drachtioPort, secret: 'a secret' })
  srf.use('invite', (_req, _res, next) => next())
  await once(srf, 'connect')
  await expect.poll(() => stage.server.counts(), { timeout: 5000 }).toMatchObject({ applications: 1, routes: 1 })
  caller = await openPeer(stage.sipPort)
  callee = await openPeer(stage.sipPort)
})

afterEach(async () => {
  caller.close()
  callee.close()
  srf.disconnect()
  await stage.close()
})

function inDialogOf(invite: ReturnType<typeof draftRequest>, ok: Parameters<typeof tagOf>[0]) {
  return { callId: get(invite, 'call-id') ?? '', fromTag: tagOf(invite, 'from'), toTag: tagOf(ok, 'to') }
}

it('bridges two calls as a B2BUA and passes the hang-up on', async () => {
  srf.invite((req, res) => {
    srf
      .createB2BUA(req, res, `sip:friend@127.0.0.1:${callee.port}`, { proxyRequestHeaders: ['X-Ticket'] })
      .then(({ uas, uac }) => {
        uas.on('destroy', () => uac.destroy())
        uac.on('destroy', () => uas.destroy())
      })
  })
  const invite = draftRequest(caller, 'INVITE', stage.sipPort, { body: SDP, headers: { 'X-Ticket': '42' } })
  caller.send(invite)
  const second = await callee.next(isRequest('INVITE'))
  expect(get(second, 'x-ticket')).toBe('42')
  expect(get(second, 'call-id')).not.toBe(get(invite, 'call-id'))
  callee.send(answerTo(callee, second, 180, 'b'))
  await caller.next(isResponse(180))
  callee.send(answerTo(callee, second, 200, 'b', {}, SDP))
  await callee.next(isRequest('ACK'))
  const ok = await caller.next(isResponse(200))
  caller.send(ackFor(caller, invite, ok, stage.sipPort))
  await new Promise((resolve) => setTimeout(resolve, 50))
  caller.send(draftRequest(caller, 'BYE', stage.sipPort, { ...inDialogOf(invite, ok), cseq: 2 }))
  await caller.next(isResponse(200, 'BYE'))
  const bye = await callee.next(isRequest('BYE'))
  callee.send(answerTo(callee, bye, 200, 'b'))
  await stage.quiet()
})

it('passes a CANCEL through a B2BUA', async () => {
  srf.invite((req, res) => {
    srf.createB2BUA(req, res, `sip:friend@127.0.0.1:${callee.port}`, {}).catch(() => {})
  })
  const invite = draftRequest(caller, 'INVITE', stage.sipPort, { body: SDP })
  caller.send(invite)
  const second = await callee.next(isRequest('INVITE'))
  callee.send(answerTo(callee, second, 180, 'b'))
  await caller.next(isResponse(180))
  const headers = invite.headers
    .filter((field) => field.key !== 'content-type')
    .map((field) => (field.key === 'cseq' ? { ...field, value: '1 CANCEL' } : field))
  caller.send({ ...invite, method: 'CANCEL', body: '', headers })
  await caller.next(isResponse(487, 'INVITE'))
  const cancel = await callee.next(isRequest('CANCEL'))
  callee.send(answerTo(callee, cancel, 200, 'b'))
  callee.send(answerTo(callee, second, 487, 'b'))
  await callee.next(isRequest('ACK'))
})

it('proxies a call and stays in it by Record-Route', async () => {
  const outcome = new Promise<unknown>((resolve, reject) => {
    srf.invite((req) => {
      srf.proxyRequest(req, `sip:127.0.0.1:${callee.port}`, { remainInDialog: true }, (error, results) =>
        error ? reject(new Error(String(error))) : resolve(results),
      )
    })
  })
  const invite = draftRequest(caller, 'INVITE', stage.sipPort, { body: SDP })
  caller.send(invite)
  const forwarded = await callee.next(isRequest('INVITE'))
  expect(getAll(forwarded, 'via')).toHaveLength(2)
  expect(get(forwarded, 'max-forwards')).toBe('69')
  expect(get(forwarded, 'call-id')).toBe(get(invite, 'call-id'))
  expect(forwarded.uri).toBe(`sip:demo@127.0.0.1:${callee.port}`)
  const route = get(forwarded, 'record-route') ?? ''
  callee.send(answerTo(callee, forwarded, 180, 'b'))
  await caller.next(isResponse(180))
  callee.send(answerTo(callee, forwarded, 200, 'b', { 'Record-Route': route }, SDP))
  const ok = await caller.next(isResponse(200))
  expect(tagOf(ok, 'to')).toBe('b')
  expect(getAll(ok, 'via')).toHaveLength(1)
  expect(await outcome).toMatchObject({ connected: true })
  const inDialog = { ...inDialogOf(invite, ok), uri: `sip:peer@127.0.0.1:${callee.port}`, headers: { Route: route } }
  caller.send(draftRequest(caller, 'ACK', stage.sipPort, inDialog))
  await callee.next(isRequest('ACK'))
  caller.send(draftRequest(caller, 'BYE', stage.sipPort, { ...inDialog, cseq: 2 }))
  const bye = await callee.next(isRequest('BYE'))
  expect(getAll(bye, 'route')).toEqual([])
  callee.send(answerTo(callee, bye, 200, 'b'))
  await caller.next(isResponse(200, 'BYE'))
  await stage.quiet()
})

it('proxies to the second destination when the first is busy, and relays nothing for strangers', async () => {
  const busy = await openPeer(stage.sipPort)
  const outcome = new Promise<unknown>((resolve) => {
    srf.invite((req) => {
      const destinations = [busy.port, callee.port].map((port) => `sip:127.0.0.1:${port}`)
      srf.proxyRequest(req, destinations, {}, (_error, results) => resolve(results))
    })
  })
  const invite = draftRequest(caller, 'INVITE', stage.sipPort, { body: SDP })
  caller.send(invite)
  const first = await busy.next(isRequest('INVITE'))
  busy.send(answerTo(busy, first, 486, 'busy'))
  await busy.next(isRequest('ACK'))
  const second = await callee.next(isRequest('INVITE'))
  callee.send(answerTo(callee, second, 603, 'b'))
  await caller.next(isResponse(603))
  expect(await outcome).toMatchObject({ connected: false, finalStatus: 603 })
  const Route = `<sip:127.0.0.1:${stage.sipPort};lr>`
  const draft = { toTag: 'x', uri: `sip:peer@127.0.0.1:${callee.port}`, headers: { Route } }
  caller.send(draftRequest(caller, 'BYE', stage.sipPort, draft))
  await caller.next(isResponse(481, 'BYE'))
  expect(callee.received.some(isRequest('BYE'))).toBe(false)
  busy.close()
})

it('keeps call detail records', async () => {
  const records: string[] = []
  srf.on('cdr:attempt', (source) => void records.push(`attempt ${source}`))
  srf.on('cdr:start', (source, _time, role) => void records.push(`start ${source} ${role}`))
  srf.on('cdr:stop', (source, _time, reason) => void records.push(`stop ${source} ${reason}`))
  srf.invite((req, res) => {
    srf.createUAS(req, res, { localSdp: SDP })
  })
  await stage.routed(4)
  const invite = draftRequest(caller, 'INVITE', stage.sipPort, { body: SDP })
  caller.send(invite)
  const ok = await caller.next(isResponse(200))
  caller.send(ackFor(caller, invite, ok, stage.sipPort))
  caller.send(draftRequest(caller, 'BYE', stage.sipPort, { ...inDialogOf(invite, ok), cseq: 2 }))
  await caller.next(isResponse(200, 'BYE'))
  expect(records).toEqual(['attempt network', 'start application uas', 'stop network normal-release'])
})
