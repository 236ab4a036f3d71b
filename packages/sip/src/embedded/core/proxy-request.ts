import type { ProxyCommand } from '../application/command.js'
import type { SipRequest } from '../message/message.js'
import { withHeader } from '../message/serialize.js'
import { parseUri } from '../message/uri.js'
import type { Core } from './core.js'
import { forwarded, recordRoute } from './forward.js'
import type { ServerTransaction } from './server-transactions.js'

/** Header fields of the command's message that the proxy decides itself. */
const OWN = [
  'via',
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'record-route',
  'route',
  'content-length',
  'contact',
]

/** A pending request as it goes to one destination, RFC 3261 §16.6. */
export function requestFor(
  core: Core,
  command: ProxyCommand,
  transaction: ServerTransaction,
  destination: string,
  local: { address: string; port: number },
): SipRequest {
  const { request, envelope } = transaction
  const target = parseUri(destination)
  const user = parseUri(request.uri)?.user ?? ''
  // A destination without a user part names the next host only.
  const uri =
    target?.user === '' && user !== ''
      ? destination.replace(/^(sips?:)/i, (scheme) => `${scheme}${user}@`)
      : destination
  const passed = forwarded(core, request, uri)
  for (const field of command.message.headers) {
    if (!OWN.includes(field.key)) passed.headers = withHeader(passed.headers, field.name, field.value)
  }
  if (command.recordRoute) passed.headers = [recordRoute(core, envelope.callId, local), ...passed.headers]
  return passed
}

/** §16.7 step 6: 6xx above all, else the lowest class; 503 is not worth passing on while there is another. */
export function isBetter(status: number, than: number): boolean {
  if (than >= 600) return false
  if (status >= 600) return true
  const rank = (code: number) => (code === 503 ? 599 : code)
  return rank(status) < rank(than)
}
