import type { Application } from '../application/application.js'
import type { ProxyCommand } from '../application/command.js'
import { plainReply, proxyReply } from '../application/notice.js'
import { parseAddress } from '../message/address.js'
import { getList, type SipResponse } from '../message/message.js'
import { serialize } from '../message/serialize.js'
import { parseUri } from '../message/uri.js'
import { resolveHop } from '../transport/resolve.js'
import type { ClientTransaction } from './client-transactions.js'
import type { Core } from './core.js'
import { hopsLeft, passedOn } from './forward.js'
import { isBetter, requestFor } from './proxy-request.js'
import { refuseWith } from './refuse.js'
import { type Arrival, replyTo } from './reply.js'
import type { ServerTransaction } from './server-transactions.js'

/** Redirections followed for one request. */
const MAX_REDIRECTS = 5
interface Branch {
  transaction: ClientTransaction | undefined
  done: boolean
}

/** Forwards a pending request to one destination after the other, or to all at once: RFC 3261 §16. */
export function proxyRequest(core: Core, application: Application, command: ProxyCommand): void {
  const { msgId } = command
  const transaction = core.servers.byId(command.transactionId)
  if (!transaction || transaction.application !== application || transaction.finalStatus !== 0) {
    application.send(plainReply(msgId, 'NOK', `Unknown transaction id: ${command.transactionId}`))
    return
  }
  if (hopsLeft(transaction.request) <= 0) {
    refuseWith(transaction, 483)
    application.send(plainReply(msgId, 'NOK', 'Rejected with 483 Too Many Hops due to Max-Forwards value of 0'))
    return
  }
  if (command.destinations.length === 0 || command.destinations.some((uri) => !parseUri(uri))) {
    refuseWith(transaction, 500)
    application.send(plainReply(msgId, 'NOK', 'error proxying request: bad destination'))
    return
  }
  startProxy(core, application, command, transaction)
}

function startProxy(core: Core, application: Application, command: ProxyCommand, transaction: ServerTransaction): void {
  const waiting = command.destinations.slice(0, 20)
  const live = new Set<Branch>()
  let best: SipResponse | undefined
  let redirects = 0
  let cancelled = false
  let finished = false

  function finish(): void {
    if (finished) return
    finished = true
    transaction.onCancel = undefined
    application.send(plainReply(command.msgId, 'OK', 'done'))
  }

  function proceed(): void {
    if (transaction.finalStatus !== 0) {
      finish()
      return
    }
    if (!cancelled) {
      while (waiting.length > 0 && (command.simultaneous || live.size === 0)) launch(waiting.shift() ?? '')
    }
    if (live.size > 0) return
    // §16.7 step 6: the best of what came back.
    transaction.respond(best ?? replyTo(transaction.request, cancelled ? 487 : 408, transaction.toTag))
    finish()
  }

  function settle(branch: Branch, response: SipResponse): void {
    if (branch.done) return
    branch.done = true
    live.delete(branch)
    if (!best || isBetter(response.status, best.status)) best = response
    if (response.status >= 600) waiting.length = 0
    proceed()
  }

  function launch(uri: string): void {
    const branch: Branch = { transaction: undefined, done: false }
    live.add(branch)
    const failure = (status: number) => settle(branch, replyTo(transaction.request, status, transaction.toTag))
    const target = parseUri(uri)
    if (!target) {
      queueMicrotask(() => failure(400))
      return
    }
    resolveHop(target).then(
      (hop) => {
        if (cancelled || transaction.finalStatus !== 0) {
          failure(487)
          return
        }
        const local = core.localAddress(hop)
        const request = requestFor(core, command, transaction, uri, local)
        const limits: (() => void)[] = []
        const limit = (delayMs: number) => {
          if (delayMs === 0) return
          limits.push(
            core.clock.after(delayMs, () => {
              branch.transaction?.cancel()
              failure(408)
            }),
          )
        }
        limit(command.provisionalMs)
        const stopLimits = () => {
          for (const stop of limits.splice(0)) stop()
        }
        branch.transaction = core.clients.open(request, hop, {
          onResponse(arrival) {
            if (arrival.message.status < 200 && limits.length > 0) {
              stopLimits()
              limit(command.finalMs)
            } else if (arrival.message.status >= 200) stopLimits()
            receive(branch, arrival)
          },
          onFailure(status) {
            stopLimits()
            failure(status)
          },
        })
        transaction.onEnd.push(stopLimits)
      },
      () => failure(503),
    )
  }

  function receive(branch: Branch, arrival: Arrival<SipResponse>): void {
    const { message, source, bytes } = arrival
    const { status } = message
    const response = passedOn(message)
    const first = !finished && !branch.done
    if (command.fullResponse && first) {
      application.send(proxyReply(command.msgId, { source: 'network', hop: source, bytes }, serialize(message)))
    }
    if (status < 200) {
      // §16.7 step 1: 100 is this hop's own affair.
      if (status > 100 && first) transaction.respond(response)
      return
    }
    if (status < 300) {
      // §16.7 step 5: every 2xx goes upstream at once, and the other branches are called off (step 10).
      transaction.respond(response)
      branch.done = true
      live.delete(branch)
      for (const other of live) other.transaction?.cancel()
      finish()
      return
    }
    if (status < 400 && command.followRedirects && redirects < MAX_REDIRECTS) {
      const contacts = getList(message, 'contact').map((contact) => parseAddress(contact)?.uri ?? '')
      const targets = contacts.filter((uri) => parseUri(uri)).slice(0, MAX_REDIRECTS - redirects)
      redirects += targets.length
      waiting.unshift(...targets)
    }
    settle(branch, response)
  }

  transaction.onCancel = () => {
    cancelled = true
    waiting.length = 0
    for (const branch of live) branch.transaction?.cancel()
    // A branch whose peer never answered at all has nothing to cancel: its transaction times out by itself.
    proceed()
  }
  proceed()
}
