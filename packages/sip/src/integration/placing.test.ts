import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SrfDialog, SrfRequest } from '../call-control/drachtio.js'
import { get, getAll } from '../embedded/message/message.js'
import { answerTo, draftRequest, isRequest, openPeer, type Peer, SDP, tagOf } from '../embedded/testing/peer.js'
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

interface Attempt {
  dialog: Promise<SrfDialog>
  request: Promise<SrfRequest>
}

/** The application calls the peer. */
function place(to = peer, auth?: { username: string; password: string }): Attempt {
  let sent: (request: SrfRequest) => void = () => {}
  const request = new Promise<SrfRequest>((resolve) => {
    sent = resolve
  })
  const dialog = new Promise<SrfDialog>((resolve, reject) => {
    const transport = to.proto === 'tcp' ? ';transport=tcp' : ''
    stage.srf.createUAC(
      `sip:friend@127.0.0.1:${to.port}${transport}`,
      { localSdp: SDP, headers: { From: '"Agent" <sip:agent@localhost>' }, ...(auth && { auth }) },
      { cbRequest: (_error, made) => made && sent(made), cbProvisional: () => {} },
      (error, made) => (error || !made ? reject(error) : resolve(made)),
    )
  })
  dialog.catch(() => {})
  return { dialog, request }
}

it('fills in what the application left out of its INVITE', async () => {
  place()
  const invite = await peer.next(isRequest('INVITE'))
  expect(get(invite, 'from')).toMatch(`<sip:agent@127.0.0.1:${stage.sipPort}>;tag=`)
  expect(get(invite, 'to')).toBe(`<sip:friend@127.0.0.1:${peer.port}>`)
  expect(get(invite, 'contact')).toBe(`<sip:127.0.0.1:${stage.sipPort}>`)
  expect(get(invite, 'max-forwards')).toBe('70')
  expect(get(invite, 'content-type')).toBe('application/sdp')
  expect(get(invite, 'via')).toMatch(/;branch=z9hG4bK.*;rport/)
  expect(invite.body).toBe(SDP)
})

it('is answered, acknowledges every 200 and hangs up', async () => {
  const { dialog } = place()
  const invite = await peer.next(isRequest('INVITE'))
  const routes = `<sip:127.0.0.1:${peer.port};lr;n=1>, <sip:127.0.0.1:${peer.port};lr;n=2>`
  const ok = answerTo(peer, invite, 200, 'peer', { 'Record-Route': routes }, SDP)
  peer.send(ok)
  const first = await peer.next(isRequest('ACK'))
  peer.send(ok)
  const second = await peer.next(isRequest('ACK'))
  expect(getAll(second, 'via')).toEqual(getAll(first, 'via'))
  // §12.1.2: the route set of the caller is the Record-Route in reverse.
  expect(getAll(first, 'route')).toEqual(routes.split(', ').reverse())
  expect(first.uri).toContain('sip:peer@')
  ;(await dialog).destroy({}, () => {})
  const bye = await peer.next(isRequest('BYE'))
  expect(Number(get(bye, 'cseq')?.split(' ')[0])).toBe(Number(get(invite, 'cseq')?.split(' ')[0]) + 1)
  peer.send(answerTo(peer, bye, 200, 'peer'))
  await stage.quiet()
})

it('is hung up by the peer, over TCP on the connection that it made', async () => {
  const { createServer } = await import('node:net')
  const listener = createServer()
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const accepted = new Promise<import('node:net').Socket>((resolve) => listener.once('connection', resolve))
  const { dialog } = place({ ...peer, port, proto: 'tcp' })
  const socket = await accepted
  const { parseMessage } = await import('../embedded/message/parse.js')
  const { createStreamFramer } = await import('../embedded/transport/stream.js')
  const { serialize } = await import('../embedded/message/serialize.js')
  const framer = createStreamFramer()
  const seen: string[] = []
  const ended = dialog.then((made) => new Promise((resolve) => made.on('destroy', resolve)))
  const tcpPeer: Peer = { ...peer, proto: 'tcp', port }
  socket.on('data', (chunk) => {
    for (const item of framer.push(chunk)) {
      if (item.kind !== 'message') continue
      const parsed = parseMessage(item.bytes, true)
      if (!parsed.ok || parsed.message.kind !== 'request') continue
      const request = parsed.message
      seen.push(request.method)
      if (request.method === 'INVITE') socket.write(serialize(answerTo(tcpPeer, request, 200, 'peer', {}, SDP)))
      if (request.method !== 'ACK') continue
      const bye = draftRequest(tcpPeer, 'BYE', stage.sipPort, {
        callId: get(request, 'call-id') ?? '',
        fromTag: 'peer',
        toTag: tagOf(request, 'from'),
        cseq: 1,
      })
      socket.write(serialize(bye))
    }
  })
  await ended
  expect(seen).toEqual(['INVITE', 'ACK'])
  await stage.quiet()
  socket.destroy()
  listener.close()
})

it('learns why it was refused, and the server acknowledges', async () => {
  const { dialog } = place()
  const invite = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, invite, 486, 'peer'))
  const ack = await peer.next(isRequest('ACK'))
  expect(getAll(ack, 'via')).toEqual(getAll(invite, 'via'))
  expect(tagOf(ack, 'to')).toBe('peer')
  await expect(dialog).rejects.toMatchObject({ status: 486 })
  await stage.quiet()
})

it('answers a challenge with credentials', async () => {
  const { dialog } = place(peer, { username: 'alice', password: 'secret' })
  const invite = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, invite, 401, 'peer', { 'WWW-Authenticate': 'Digest realm="r", nonce="abc", qop="auth"' }))
  await peer.next(isRequest('ACK'))
  const again = await peer.next(isRequest('INVITE'))
  expect(get(again, 'authorization')).toMatch(/^Digest username="alice",realm="r"/)
  expect(get(again, 'call-id')).toBe(get(invite, 'call-id'))
  expect(tagOf(again, 'from')).toBe(tagOf(invite, 'from'))
  expect(Number.parseInt(get(again, 'cseq') ?? '', 10)).toBe(Number.parseInt(get(invite, 'cseq') ?? '', 10) + 1)
  peer.send(answerTo(peer, again, 200, 'peer2', {}, SDP))
  await dialog
})

it('cancels once the peer has given a sign of life', async () => {
  const { dialog, request } = place()
  const invite = await peer.next(isRequest('INVITE'))
  ;(await request).cancel()
  await new Promise((resolve) => setTimeout(resolve, 3 * QUICK.t1Ms))
  expect(peer.received.some(isRequest('CANCEL'))).toBe(false)
  peer.send(answerTo(peer, invite, 180, 'peer'))
  const cancel = await peer.next(isRequest('CANCEL'))
  expect(getAll(cancel, 'via')).toEqual(getAll(invite, 'via'))
  peer.send(answerTo(peer, cancel, 200, 'peer'))
  peer.send(answerTo(peer, invite, 487, 'peer'))
  await peer.next(isRequest('ACK'))
  await expect(dialog).rejects.toMatchObject({ status: 487 })
  await stage.quiet()
})

it('hangs up when the answer crosses the CANCEL', async () => {
  const { dialog, request } = place()
  const invite = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, invite, 180, 'peer'))
  ;(await request).cancel()
  const cancel = await peer.next(isRequest('CANCEL'))
  peer.send(answerTo(peer, cancel, 200, 'peer'))
  peer.send(answerTo(peer, invite, 200, 'peer', {}, SDP))
  await peer.next(isRequest('ACK'))
  const bye = await peer.next(isRequest('BYE'))
  peer.send(answerTo(peer, bye, 200, 'peer'))
  await dialog
  await stage.quiet()
})

it('keeps the first of two forks and hangs the other up', async () => {
  const { dialog } = place()
  const invite = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, invite, 200, 'one', {}, SDP))
  await peer.next(isRequest('ACK'))
  peer.send(answerTo(peer, invite, 200, 'two', {}, SDP))
  expect(tagOf(await peer.next(isRequest('ACK')), 'to')).toBe('two')
  const bye = await peer.next(isRequest('BYE'))
  expect(tagOf(bye, 'to')).toBe('two')
  expect((await dialog).sip).toMatchObject({ remoteTag: 'one' })
})

it('gives up a silent peer with 408', async () => {
  const { dialog } = place()
  await expect(dialog).rejects.toMatchObject({ status: 408 })
  expect(peer.received.filter(isRequest('INVITE')).length).toBeGreaterThan(3)
  await stage.quiet()
})

it('sends a PRACK for a reliable provisional response, once', async () => {
  const { dialog } = place()
  const invite = await peer.next(isRequest('INVITE'))
  const progress = answerTo(peer, invite, 183, 'peer', { Require: '100rel', RSeq: '7' }, SDP)
  peer.send(progress)
  const prack = await peer.next(isRequest('PRACK'))
  expect(get(prack, 'rack')).toBe(`7 ${get(invite, 'cseq')}`)
  peer.send(progress)
  peer.send(answerTo(peer, prack, 200, 'peer'))
  await new Promise((resolve) => setTimeout(resolve, 3 * QUICK.t1Ms))
  expect(peer.received.filter(isRequest('PRACK'))).toEqual([])
  peer.send(answerTo(peer, invite, 200, 'peer', {}, SDP))
  await dialog
})

it('places requests outside of calls and passes their answers on', async () => {
  const answered = new Promise<number>((resolve, reject) => {
    stage.srf.request(`sip:friend@127.0.0.1:${peer.port}`, { method: 'OPTIONS' }, (error, request) => {
      if (error || !request) reject(error)
      else request.on('response', (response) => resolve(response.status))
    })
  })
  const options = await peer.next(isRequest('OPTIONS'))
  peer.send(answerTo(peer, options, 200, 'peer'))
  expect(await answered).toBe(200)
})

it.each([
  ['http://127.0.0.1', /invalid request-uri/],
  ['sips:friend@127.0.0.1', /not available/],
])('refuses to call %s', async (uri, reason) => {
  const failed = new Promise((_, reject) => {
    stage.srf.request(uri, { method: 'OPTIONS' }, (error) => reject(error))
  })
  await expect(failed).rejects.toThrow(reason)
})

it('refuses to call itself', async () => {
  const failed = new Promise((_, reject) => {
    stage.srf.request(`sip:friend@127.0.0.1:${stage.sipPort}`, { method: 'OPTIONS' }, (error) => reject(error))
  })
  await expect(failed).rejects.toThrow(/myself/)
})

it('sends a challenged BYE again with credentials', async () => {
  const { dialog } = place(peer, { username: 'alice', password: 'secret' })
  const invite = await peer.next(isRequest('INVITE'))
  peer.send(answerTo(peer, invite, 200, 'peer', {}, SDP))
  await peer.next(isRequest('ACK'))
  ;(await dialog).destroy({}, () => {})
  const bye = await peer.next(isRequest('BYE'))
  peer.send(answerTo(peer, bye, 401, '', { 'WWW-Authenticate': 'Digest realm="r", nonce="abc"' }))
  const again = await peer.next(isRequest('BYE'))
  expect(get(again, 'authorization')).toMatch(/^Digest/)
  expect(Number.parseInt(get(again, 'cseq') ?? '', 10)).toBe(Number.parseInt(get(bye, 'cseq') ?? '', 10) + 1)
  peer.send(answerTo(peer, again, 200, ''))
  await stage.quiet()
})
