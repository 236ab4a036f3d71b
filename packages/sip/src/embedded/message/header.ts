/** One header field. `key` is the lower-case full name, `name` the way it is written. */
export interface Header {
  readonly key: string
  readonly name: string
  readonly value: string
}

/** Compact forms, RFC 3261 §7.3.3 and the registry of header fields. */
const COMPACT: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
}

const SPELLED: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'www-authenticate': 'WWW-Authenticate',
  'mime-version': 'MIME-Version',
  rseq: 'RSeq',
  rack: 'RAck',
  'min-se': 'Min-SE',
  'sip-etag': 'SIP-ETag',
  'sip-if-match': 'SIP-If-Match',
}

const spellings = new Map<string, string>(Object.entries(SPELLED))

/** Lower-case full name of a header field, compact forms resolved. */
export function headerKey(name: string): string {
  const lower = name.toLowerCase()
  return lower.length === 1 ? (COMPACT[lower] ?? lower) : lower
}

/** The usual spelling of a header field's name: `content-type` becomes `Content-Type`. */
export function headerName(key: string): string {
  const known = spellings.get(key)
  if (known !== undefined) return known
  const spelled = key.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
  // Applications and peers choose names freely: only what is common is worth remembering.
  if (spellings.size < 200 && key.length < 40) spellings.set(key, spelled)
  return spelled
}

/** A header field with its name spelled as usual; a name that already has capitals is kept as it is. */
export function header(name: string, value: string | number): Header {
  const key = headerKey(name)
  return { key, name: name === key || name.length === 1 ? headerName(key) : name, value: String(value) }
}
