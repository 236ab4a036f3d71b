import { parseAddress } from '../message/address.js'
import { type Header, header } from '../message/header.js'
import { get, getList, type SipRequest, type SipResponse } from '../message/message.js'
import { withHeader } from '../message/serialize.js'
import { formatHost, parseUri } from '../message/uri.js'
import type { Core } from './core.js'

/** Hops left to a request, RFC 3261 §16.3; 70 where it does not say. */
export function hopsLeft(request: SipRequest): number {
  return Number(get(request, 'max-forwards') ?? 70)
}

/** The header fields with the first value of a comma-separated one taken away. */
export function withoutFirst(headers: readonly Header[], key: string): Header[] {
  const at = headers.findIndex((field) => field.key === key)
  if (at < 0) return [...headers]
  const rest = getList({ headers: headers.slice(at, at + 1) }, key).slice(1)
  const kept = rest.length === 0 ? [] : [header(key, rest.join(', '))]
  return [...headers.slice(0, at), ...kept, ...headers.slice(at + 1)]
}

/** A response as a proxy passes it on: without the Via that was its own, RFC 3261 §16.7. */
export function passedOn(response: SipResponse): SipResponse {
  return { ...response, headers: withoutFirst(response.headers, 'via') }
}

/** A request as a proxy passes it on, RFC 3261 §16.6: one hop less, no Route of this server's. */
export function forwarded(core: Core, request: SipRequest, uri: string): SipRequest {
  const headers = routedHere(core, request) ? withoutFirst(request.headers, 'route') : request.headers
  return { ...request, uri, headers: withHeader(headers, 'max-forwards', hopsLeft(request) - 1) }
}

/**
 * The Record-Route of a proxied call. Its token is bound to the Call-ID by a key of this process, so that nobody can
 * use the server as a relay by writing a Route of his own.
 */
export function recordRoute(core: Core, callId: string, local: { address: string; port: number }): Header {
  return header('record-route', `<sip:${formatHost(local.address)}:${local.port};lr;via=${core.routeToken(callId)}>`)
}

/** True when the topmost Route is one that `recordRoute` wrote for this call. */
export function routedHere(core: Core, request: SipRequest): boolean {
  const top = parseAddress(getList(request, 'route')[0] ?? '')
  const uri = top && parseUri(top.uri)
  if (!uri || !core.isLocal(uri.host, uri.port)) return false
  return uri.params.get('via') === core.routeToken(get(request, 'call-id') ?? '')
}
