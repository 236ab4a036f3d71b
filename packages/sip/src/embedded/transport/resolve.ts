import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { SipUri } from '../message/uri.js'
import type { Hop } from './hop.js'

/** Time to look a name up, in ms. */
const LOOKUP_MS = 5000

/**
 * The hop of a URI by its host, port and transport parameter. Numeric addresses and `localhost` need no look-up; other
 * names are looked up as addresses (no SRV or NAPTR, RFC 3263 §4).
 */
export function resolveNow(uri: SipUri): Hop | null {
  const transport = uri.params.get('transport')?.toLowerCase() ?? 'udp'
  if (uri.scheme !== 'sip' || (transport !== 'udp' && transport !== 'tcp')) return null
  const host = uri.params.get('maddr') ?? uri.host
  const address = host === 'localhost' ? '127.0.0.1' : host
  if (isIP(address) === 0) return null
  return { proto: transport, address, port: uri.port ?? 5060 }
}

/** As `resolveNow`, with a look-up for names. Rejects when nothing answers to the name, or it cannot be reached at all. */
export async function resolveHop(uri: SipUri): Promise<Hop> {
  const now = resolveNow(uri)
  if (now) return now
  const transport = uri.params.get('transport')?.toLowerCase() ?? 'udp'
  if (uri.scheme !== 'sip' || (transport !== 'udp' && transport !== 'tcp')) {
    throw new Error('requested protocol/transport not available')
  }
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`looking up ${uri.host} timed out`)), LOOKUP_MS)
  })
  try {
    const { address } = await Promise.race([lookup(uri.host), tooLate])
    return { proto: transport, address, port: uri.port ?? 5060 }
  } finally {
    clearTimeout(timer)
  }
}
