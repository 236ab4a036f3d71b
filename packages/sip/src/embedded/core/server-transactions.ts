import { randomUUID } from 'node:crypto'
import type { Application } from '../application/application.js'
import type { Dialog } from '../dialog/dialog.js'
import type { Envelope } from '../message/envelope.js'
import { MAGIC_COOKIE, newTag } from '../message/identifier.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import { serialize } from '../message/serialize.js'
import type { Clock } from '../transaction/clock.js'
import type { TransactionEffect } from '../transaction/effect.js'
import { type Runner, runMachine } from '../transaction/runner.js'
import {
  beginServerInvite,
  type ServerInviteEvent,
  type ServerInviteState,
  stepServerInvite,
} from '../transaction/server-invite.js'
import {
  beginServerRequest,
  type ServerRequestEvent,
  type ServerRequestState,
  stepServerRequest,
} from '../transaction/server-request.js'
import type { Timing } from '../transaction/timing.js'
import { type Hop, isReliable } from '../transport/hop.js'
import { type Arrival, responseHop } from './reply.js'

/** A request that came in, until its transaction ends. */
export interface ServerTransaction {
  /** What the application calls it. */
  readonly id: string
  readonly request: SipRequest
  readonly envelope: Envelope
  readonly source: Hop
  readonly replyHop: Hop
  /** To tag of every response of ours; the application may choose it before the first. */
  toTag: string
  tagUsed: boolean
  application: Application | undefined
  dialog: Dialog | undefined
  /** Status of the final response; 0 before it. */
  finalStatus: number
  /** Called by a CANCEL instead of the usual answer, where a proxy holds the request. */
  onCancel: (() => void) | undefined
  /** Called once the transaction is gone. */
  onEnd: (() => void)[]
  /** Reliable provisional response that waits for its PRACK. */
  provisional: { readonly rseq: number; acknowledge(): void } | undefined
  lastRSeq: number
  /** Sends a response; returns what went on the wire, or null after a final one. */
  respond(response: SipResponse): string | null
  retransmitted(): void
  acknowledged(): void
}

/** The server transactions, RFC 3261 §17.2. */
export interface ServerTransactions {
  readonly size: number
  byId(id: string): ServerTransaction | undefined
  /** The transaction of a request, or of the INVITE that an ACK or CANCEL means (§17.2.3, §9.2). */
  match(envelope: Envelope, message: SipRequest, method?: string): ServerTransaction | undefined
  /** True when the same request came on another path, RFC 3261 §8.2.2.2. */
  isMerged(envelope: Envelope): boolean
  open(arrival: Arrival<SipRequest>): ServerTransaction
  all(): IterableIterator<ServerTransaction>
  /** Makes a transaction part of a dialog. */
  attach(transaction: ServerTransaction, dialog: Dialog): void
  /** The transactions of a dialog. */
  of(dialog: Dialog): ServerTransaction[]
  closeAll(): void
}

type Machine = Runner<ServerInviteState, ServerInviteEvent> | Runner<ServerRequestState, ServerRequestEvent>

export function createServerTransactions(
  clock: Clock,
  timing: Timing,
  send: (hop: Hop, wire: string, onError: (error: Error) => void) => void,
): ServerTransactions {
  const byKey = new Map<string, ServerTransaction>()
  const byId = new Map<string, ServerTransaction>()
  const merged = new Set<string>()
  const byDialog = new Map<Dialog, Set<ServerTransaction>>()
  const machines = new Map<ServerTransaction, Machine>()

  function keyOf(envelope: Envelope, request: SipRequest, method: string): string {
    const { via } = envelope
    const branch = via.params.get('branch') ?? ''
    if (branch.startsWith(MAGIC_COOKIE)) return `${branch}|${via.host}:${via.port ?? 5060}|${method}`
    // RFC 2543 clients: the request itself is the key.
    const { callId, fromTag, cseq } = envelope
    return `${request.uri}|${fromTag}|${callId}|${cseq}|${via.text.replace(/;(received|rport)=[^;]*/g, '')}|${method}`
  }

  function open(arrival: Arrival<SipRequest>): ServerTransaction {
    const { message: request, envelope, source } = arrival
    const key = keyOf(envelope, request, request.method)
    const mergeKey = mergeKeyOf(envelope)
    const replyHop = responseHop(envelope.via, source)
    const isInvite = request.method === 'INVITE'

    const transaction: ServerTransaction = {
      id: randomUUID(),
      request,
      envelope,
      source,
      replyHop,
      toTag: envelope.toTag === '' ? newTag() : envelope.toTag,
      tagUsed: false,
      application: undefined,
      dialog: undefined,
      finalStatus: 0,
      onCancel: undefined,
      onEnd: [],
      provisional: undefined,
      lastRSeq: 0,
      respond(response) {
        if (transaction.finalStatus !== 0 && !(isInvite && response.status < 300)) return null
        const wire = serialize(response)
        if (response.status >= 200) transaction.finalStatus = response.status
        if (response.status > 100) transaction.tagUsed = true
        machine.feed({ type: 'respond', status: response.status, wire })
        return wire
      },
      retransmitted: () => machine.feed({ type: 'request' }),
      acknowledged: () => {
        if (isInvite) (machine as Runner<ServerInviteState, ServerInviteEvent>).feed({ type: 'ack' })
      },
    }

    function perform(effect: TransactionEffect): void {
      if (effect.kind === 'send') send(replyHop, effect.wire, () => machine.feed({ type: 'unreachable' }))
      else if (effect.kind === 'terminated') forget()
    }

    function forget(): void {
      machine.stop()
      machines.delete(transaction)
      byId.delete(transaction.id)
      if (byKey.get(key) === transaction) byKey.delete(key)
      merged.delete(mergeKey)
      const siblings = transaction.dialog && byDialog.get(transaction.dialog)
      if (transaction.dialog && siblings?.delete(transaction) && siblings.size === 0)
        byDialog.delete(transaction.dialog)
      transaction.provisional?.acknowledge()
      for (const end of transaction.onEnd.splice(0)) end()
    }

    const reliable = isReliable(source)
    const machine: Machine = isInvite
      ? runMachine<ServerInviteState, ServerInviteEvent>(
          clock,
          { state: beginServerInvite(reliable), effects: [] },
          (state, event, nowMs) => stepServerInvite(state, event, nowMs, timing),
          perform,
        )
      : runMachine<ServerRequestState, ServerRequestEvent>(
          clock,
          { state: beginServerRequest(reliable, clock.nowMs(), timing), effects: [] },
          (state, event, nowMs) => stepServerRequest(state, event, nowMs, timing),
          perform,
        )
    byKey.set(key, transaction)
    byId.set(transaction.id, transaction)
    if (envelope.toTag === '') merged.add(mergeKey)
    machines.set(transaction, machine)
    machine.start()
    return transaction
  }

  return {
    get size() {
      return byId.size
    },
    byId: (id) => byId.get(id),
    match: (envelope, message, method = message.method) => byKey.get(keyOf(envelope, message, method)),
    isMerged: (envelope) => envelope.toTag === '' && merged.has(mergeKeyOf(envelope)),
    open,
    all: () => byId.values(),
    attach(transaction, dialog) {
      transaction.dialog = dialog
      const siblings = byDialog.get(dialog) ?? new Set()
      byDialog.set(dialog, siblings.add(transaction))
    },
    of: (dialog) => [...(byDialog.get(dialog) ?? [])],
    closeAll() {
      for (const machine of machines.values()) machine.stop()
      for (const transaction of byId.values()) for (const end of transaction.onEnd.splice(0)) end()
      machines.clear()
      byKey.clear()
      byId.clear()
      merged.clear()
      byDialog.clear()
    },
  }
}

function mergeKeyOf(envelope: Envelope): string {
  return `${envelope.callId}|${envelope.fromTag}|${envelope.cseq} ${envelope.cseqMethod}`
}
