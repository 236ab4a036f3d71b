import { parseAddress } from '../message/address.js'
import { header } from '../message/header.js'
import { newBranch } from '../message/identifier.js'
import { getList, type SipRequest } from '../message/message.js'
import { serialize } from '../message/serialize.js'
import { parseUri } from '../message/uri.js'
import { resolveNow } from '../transport/resolve.js'
import type { Core } from './core.js'
import { forwarded, hopsLeft, passedOn, routedHere } from './forward.js'
import { viaValue } from './local.js'
import { refuseWith } from './refuse.js'
import type { Arrival } from './reply.js'

/** Passes on a request of a call that this server proxied and stayed in by Record-Route. False when it is none. */
export function forwardRouted(core: Core, arrival: Arrival<SipRequest>): boolean {
  const { message } = arrival
  if (!routedHere(core, message)) return false
  const request = forwarded(core, message, message.uri)
  const route = getList(request, 'route')[0]
  const target = parseUri(route === undefined ? request.uri : (parseAddress(route)?.uri ?? ''))
  const hop = target && resolveNow(target)
  if (message.method === 'ACK') {
    // §16.11: an ACK for a 2xx is passed on without state.
    if (!hop || hopsLeft(message) <= 0) return true
    const via = header('via', viaValue(core.localAddress(hop), hop, newBranch()))
    core.send(hop, serialize({ ...request, headers: [via, ...request.headers] }))
    return true
  }
  const transaction = core.servers.open(arrival)
  if (hopsLeft(message) <= 0) refuseWith(transaction, 483)
  else if (!hop || core.clients.size >= core.limits.maxTransactions) refuseWith(transaction, 503)
  else {
    const forward = core.clients.open(request, hop, {
      onResponse: ({ message: response }) => {
        if (response.status > 100) transaction.respond(passedOn(response))
      },
      onFailure: (status) => refuseWith(transaction, status),
    })
    transaction.onCancel = () => forward.cancel()
  }
  return true
}
