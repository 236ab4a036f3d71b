import { header } from '../message/header.js'
import { newBranch } from '../message/identifier.js'
import { get, type SipRequest, type SipResponse } from '../message/message.js'
import { serialize } from '../message/serialize.js'
import {
  beginClientInvite,
  type ClientInviteEvent,
  type ClientInviteState,
  stepClientInvite,
} from '../transaction/client-invite.js'
import {
  beginClientRequest,
  type ClientRequestEvent,
  type ClientRequestState,
  stepClientRequest,
} from '../transaction/client-request.js'
import type { Clock } from '../transaction/clock.js'
import type { TransactionEffect } from '../transaction/effect.js'
import { type Runner, runMachine } from '../transaction/runner.js'
import type { Timing } from '../transaction/timing.js'
import { type Hop, isReliable } from '../transport/hop.js'
import { viaValue } from './local.js'
import { type Arrival, hopByHopRequest } from './reply.js'

/** Who wants the outcome of a request that was sent. */
export interface ClientUser {
  /** A response: provisional ones, the final one, and for an INVITE every 2xx that comes again. */
  onResponse(arrival: Arrival<SipResponse>): void
  /** No response in time: 408; no way to the peer: 503 (RFC 3261 §8.1.3.1). */
  onFailure(status: 408 | 503): void
}

/** A request that was sent, until its transaction ends. */
export interface ClientTransaction {
  readonly request: SipRequest
  readonly wire: string
  readonly hop: Hop
  readonly phase: string
  /** Sends a CANCEL, as soon as a provisional response allows it (RFC 3261 §9.1). False after the final response. */
  cancel(headers?: SipRequest['headers']): boolean
}

/** The client transactions, RFC 3261 §17.1. */
export interface ClientTransactions {
  readonly size: number
  /** Adds the Via and sends. */
  open(request: SipRequest, hop: Hop, user: ClientUser): ClientTransaction
  /** Hands a response to its transaction; false when there is none. */
  receive(arrival: Arrival<SipResponse>): boolean
  closeAll(): void
}

interface Entry {
  readonly invite: Runner<ClientInviteState, ClientInviteEvent> | undefined
  readonly machine: { feed(event: { type: 'response'; status: number }): void; stop(): void }
  latest: Arrival<SipResponse> | undefined
}

export function createClientTransactions(
  clock: Clock,
  timing: Timing,
  send: (hop: Hop, wire: string, onError: (error: Error) => void) => void,
  localAddress: (hop: Hop) => { address: string; port: number },
): ClientTransactions {
  const entries = new Map<string, Entry>()

  function open(bare: SipRequest, hop: Hop, user: ClientUser): ClientTransaction {
    const branch = newBranch()
    const via = header('via', viaValue(localAddress(hop), hop, branch))
    const request: SipRequest = { ...bare, headers: [via, ...bare.headers] }
    const wire = serialize(request)
    const reliable = isReliable(hop)
    const key = `${branch}|${request.method}`
    let cancelHeaders: SipRequest['headers'] | undefined
    let cancelSent = false

    function perform(effect: TransactionEffect): void {
      switch (effect.kind) {
        case 'send':
          send(hop, effect.wire, () => unreachable())
          return
        case 'acknowledge': {
          const to = entry.latest && get(entry.latest.message, 'to')
          if (to !== undefined) send(hop, serialize(hopByHopRequest(request, 'ACK', to)), () => {})
          return
        }
        case 'deliver':
          if (entry.latest) user.onResponse(entry.latest)
          if (cancelHeaders) sendCancel()
          return
        case 'timeout':
          user.onFailure(408)
          return
        case 'unreachable':
          user.onFailure(503)
          return
        case 'terminated':
          entry.machine.stop()
          entries.delete(key)
      }
    }

    function sendCancel(): void {
      if (cancelSent || entry.invite?.state.phase !== 'proceeding') return
      cancelSent = true
      const cancel = hopByHopRequest(request, 'CANCEL', get(request, 'to') ?? '', cancelHeaders)
      openCancel(cancel, branch, hop)
      entry.invite.feed({ type: 'cancelled' })
    }

    let entry: Entry
    let unreachable: () => void
    let phase: () => string
    let start: () => void
    if (request.method === 'INVITE') {
      const machine = runMachine<ClientInviteState, ClientInviteEvent>(
        clock,
        beginClientInvite(wire, reliable, clock.nowMs(), timing),
        (state, event, nowMs) => stepClientInvite(state, event, nowMs, timing),
        perform,
      )
      entry = { invite: machine, machine, latest: undefined }
      unreachable = () => machine.feed({ type: 'unreachable' })
      phase = () => machine.state.phase
      start = machine.start
    } else {
      const machine = runRequest(wire, reliable, perform)
      entry = { invite: undefined, machine, latest: undefined }
      unreachable = () => machine.feed({ type: 'unreachable' })
      phase = () => machine.state.phase
      start = machine.start
    }
    entries.set(key, entry)
    start()
    return {
      request,
      wire,
      hop,
      get phase() {
        return phase()
      },
      cancel(headers = []) {
        const now = entry.invite?.state.phase
        if (now !== 'calling' && now !== 'proceeding') return false
        cancelHeaders ??= headers
        sendCancel()
        return true
      },
    }
  }

  function runRequest(
    wire: string,
    reliable: boolean,
    perform: (effect: TransactionEffect) => void,
  ): Runner<ClientRequestState, ClientRequestEvent> {
    return runMachine<ClientRequestState, ClientRequestEvent>(
      clock,
      beginClientRequest(wire, reliable, clock.nowMs(), timing),
      (state, event, nowMs) => stepClientRequest(state, event, nowMs, timing),
      perform,
    )
  }

  /** A CANCEL has the branch of its INVITE and a transaction of its own; its answer tells nothing. */
  function openCancel(cancel: SipRequest, branch: string, hop: Hop): void {
    const key = `${branch}|CANCEL`
    const machine = runRequest(serialize(cancel), isReliable(hop), (effect) => {
      if (effect.kind === 'send') send(hop, effect.wire, () => machine.feed({ type: 'unreachable' }))
      else if (effect.kind === 'terminated') {
        machine.stop()
        entries.delete(key)
      }
    })
    entries.set(key, { invite: undefined, machine, latest: undefined })
    machine.start()
  }

  return {
    get size() {
      return entries.size
    },
    open,
    receive(arrival) {
      const { via, cseqMethod } = arrival.envelope
      const entry = entries.get(`${via.params.get('branch') ?? ''}|${cseqMethod}`)
      if (!entry) return false
      entry.latest = arrival
      entry.machine.feed({ type: 'response', status: arrival.message.status })
      return true
    },
    closeAll() {
      for (const entry of entries.values()) entry.machine.stop()
      entries.clear()
    },
  }
}
