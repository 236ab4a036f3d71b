import { afterEach, expect, it } from 'vitest'
import { get, type SipMessage } from '../embedded/message/message.js'
import { ackFor, draftRequest, isResponse, openPeer, type Peer, SDP, tagOf } from '../embedded/testing/peer.js'
import { openStage, QUICK, type Stage } from '../embedded/testing/stage.js'

let stage: Stage | undefined
let peer: Peer | undefined

afterEach(async () => {
  peer?.close()
  await stage?.close()
})

/** The same numbers every run: a linear congruential generator. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const LOSS = 0.2
const CALLS = 20

it('completes 20 of 20 calls when a fifth of all packets is lost in each direction', async () => {
  const random = seeded(7)
  stage = await openStage({ timing: QUICK, filter: () => random() >= LOSS })
  peer = await openPeer(stage.sipPort)
  const { srf, sipPort } = stage
  let ended = 0
  srf.invite((request, response) => {
    srf.createUAS(request, response, { localSdp: SDP }, (_error, dialog) => dialog?.on('destroy', () => ended++))
  })

  const caller = peer
  const waiting = new Map<string, (message: SipMessage) => void>()
  caller.intercept = (message) => {
    waiting.get(get(message, 'call-id') ?? '')?.(message)
    return true
  }
  const send = (message: SipMessage) => {
    if (random() >= LOSS) caller.send(message)
  }

  /** Sends as a client transaction does, until `done` accepts what comes. */
  async function until<T>(message: SipMessage, done: (incoming: SipMessage) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      let intervalMs = QUICK.t1Ms
      let timer: NodeJS.Timeout
      const again = () => {
        send(message)
        timer = setTimeout(again, intervalMs)
        intervalMs = Math.min(intervalMs * 2, QUICK.t2Ms)
      }
      const giveUp = setTimeout(() => {
        clearTimeout(timer)
        reject(new Error('no answer'))
      }, 64 * QUICK.t1Ms)
      waiting.set(get(message, 'call-id') ?? '', (incoming) => {
        const value = done(incoming)
        if (value === undefined) return
        clearTimeout(timer)
        clearTimeout(giveUp)
        resolve(value)
      })
      again()
    })
  }

  async function oneCall(): Promise<void> {
    const invite = draftRequest(caller, 'INVITE', sipPort, { body: SDP })
    const ok = await until(invite, (message) => (isResponse(200, 'INVITE')(message) ? message : undefined))
    const ack = ackFor(caller, invite, ok, sipPort)
    send(ack)
    const callId = get(invite, 'call-id') ?? ''
    // Every 200 that comes again is acknowledged again while the call lasts (§13.2.2.4).
    waiting.set(callId, (message) => {
      if (isResponse(200, 'INVITE')(message)) send(ack)
    })
    await new Promise((resolve) => setTimeout(resolve, 20 * QUICK.t1Ms))
    const inDialog = { callId, fromTag: tagOf(invite, 'from'), toTag: tagOf(ok, 'to'), cseq: 2 }
    const bye = draftRequest(caller, 'BYE', sipPort, inDialog)
    await until(bye, (message) => (isResponse(200, 'BYE')(message) ? true : undefined))
  }

  const outcomes = await Promise.allSettled(Array.from({ length: CALLS }, oneCall))
  expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
  expect(ended).toBe(CALLS)
  await stage.quiet()
}, 20_000)
