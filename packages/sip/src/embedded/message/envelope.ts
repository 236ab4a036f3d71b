import { type Address, parseAddress } from './address.js'
import { get, getAll, getList, type SipMessage } from './message.js'
import { parseUri, uriScheme } from './uri.js'
import { parseVia, type Via } from './via.js'

/** The header fields that every message must have (RFC 3261 §8.1.1), read and checked. */
export interface Envelope {
  readonly via: Via
  readonly from: Address
  readonly fromTag: string
  readonly to: Address
  readonly toTag: string
  readonly callId: string
  readonly cseq: number
  readonly cseqMethod: string
}

export type Opened =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly status: number; readonly problem: string }

const ONCE = ['from', 'to', 'call-id', 'cseq', 'max-forwards', 'content-length', 'content-type']

/** Checks a message as §8.2.2 and §16.3 ask, and reads the header fields that routing needs. */
export function openEnvelope(message: SipMessage): Opened {
  for (const key of ONCE) if (getAll(message, key).length > 1) return bad(400, `more than one ${key}`)
  const via = parseVia(getList(message, 'via')[0] ?? '')
  if (!via) return bad(400, 'bad Via')
  const from = parseAddress(get(message, 'from') ?? '')
  if (!from || uriScheme(from.uri) === '') return bad(400, 'bad From')
  const to = parseAddress(get(message, 'to') ?? '')
  if (!to || uriScheme(to.uri) === '') return bad(400, 'bad To')
  const callId = get(message, 'call-id') ?? ''
  // The bar separates fields of the application's protocol.
  if (callId === '' || callId.length > 256 || /[\s|]/.test(callId)) return bad(400, 'bad Call-ID')
  const fromTag = from.params.get('tag') ?? ''
  const toTag = to.params.get('tag') ?? ''
  if (fromTag.length > 128 || toTag.length > 128 || /[|]/.test(fromTag + toTag)) return bad(400, 'bad tag')
  const cseq = /^(\d{1,10})\s+([A-Za-z0-9.!%*_+`'~-]{1,32})$/.exec(get(message, 'cseq') ?? '')
  if (!cseq || Number(cseq[1]) >= 2 ** 31) return bad(400, 'bad CSeq')
  const cseqMethod = cseq[2] ?? ''
  const maxForwards = get(message, 'max-forwards')
  if (maxForwards !== undefined && !/^\d{1,3}$/.test(maxForwards)) return bad(400, 'bad Max-Forwards')
  if (message.kind === 'request') {
    if (message.method !== cseqMethod) return bad(400, 'CSeq of another method')
    if (!parseUri(message.uri)) {
      const scheme = uriScheme(message.uri)
      const known = scheme === 'sip' || scheme === 'sips' || scheme === 'tel' || scheme === ''
      return known ? bad(400, 'bad Request-URI') : bad(416, 'unsupported URI scheme')
    }
    for (const contact of getList(message, 'contact')) {
      if (contact !== '*' && !parseAddress(contact)) return bad(400, 'bad Contact')
    }
  }
  return { ok: true, envelope: { via, from, fromTag, to, toTag, callId, cseq: Number(cseq[1]), cseqMethod } }
}

function bad(status: number, problem: string): Opened {
  return { ok: false, status, problem }
}
