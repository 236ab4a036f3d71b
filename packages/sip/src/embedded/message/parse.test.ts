import { expect, it } from 'vitest'
import { openEnvelope } from './envelope.js'
import { get, getAll, getList, splitList } from './message.js'
import { parseApplicationMessage, parseMessage } from './parse.js'
import { serialize } from './serialize.js'

const HEAD = [
  'Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1',
  'From: "J, \\"R\\" User" <sip:a@127.0.0.1>;tag=1',
  'To: sip:b@127.0.0.1',
  'Call-ID: x@127.0.0.1',
  'CSeq: 1 INVITE',
  'Contact: <sip:a@127.0.0.1:5070>',
]

const text = (lines: string[], body = '', start = 'INVITE sip:b@127.0.0.1 SIP/2.0') =>
  Buffer.from(`${[start, ...lines].join('\r\n')}\r\n\r\n${body}`)

function verdict(bytes: Buffer, exact = false): number | 'ok' | 'dropped' {
  const parsed = parseMessage(bytes, exact)
  if (!parsed.ok) return parsed.broken ? parsed.status : 'dropped'
  const opened = openEnvelope(parsed.message)
  return opened.ok ? 'ok' : opened.status
}

it('reads compact names, folded lines and odd spacing (RFC 4475 §3.1.1.1)', () => {
  const parsed = parseMessage(
    text([
      'v:  SIP  / 2.0  / UDP\r\n    127.0.0.1 ;branch=z9hG4bK1',
      'TO :\r\n sip:b@127.0.0.1 ;   tag    = 9',
      'f: "Quoted string \\"\\"" <sip:a@127.0.0.1> ; newparam = newvalue ; tag = 98',
      'i: x',
      'cseq: 0009\r\n  INVITE',
      'm:"Quoted" <sip:a@127.0.0.1>',
      's: ',
    ]),
  )
  if (!parsed.ok) throw new Error(parsed.problem)
  const opened = openEnvelope(parsed.message)
  if (!opened.ok) throw new Error(opened.problem)
  expect(opened.envelope).toMatchObject({ fromTag: '98', toTag: '9', callId: 'x', cseq: 9, cseqMethod: 'INVITE' })
  expect(get(parsed.message, 'subject')).toBe('')
})

it.each<[string, Buffer, number | 'ok' | 'dropped']>([
  ['a sound INVITE', text(HEAD), 'ok'],
  ['noise', Buffer.from('\0\0\0\0'), 'dropped'],
  ['a start line of another protocol', text(HEAD, '', 'GET / HTTP/1.1'), 'dropped'],
  ['two spaces in the start line', text(HEAD, '', 'INVITE  sip:b@127.0.0.1 SIP/2.0'), 'dropped'],
  ['an unknown SIP version (RFC 4475 §3.1.2.16)', text(HEAD, '', 'INVITE sip:b@127.0.0.1 SIP/7.0'), 505],
  ['an unknown scheme (§3.3.2)', text(HEAD, '', 'INVITE nobody:b SIP/2.0'), 416],
  ['a Request-URI in angle brackets (§3.1.2.7)', text(HEAD, '', 'INVITE <sip:b@127.0.0.1> SIP/2.0'), 400],
  ['a port over 65535', text(HEAD, '', 'INVITE sip:b@127.0.0.1:70000 SIP/2.0'), 400],
  ['a negative Content-Length (§3.1.2.3)', text([...HEAD, 'Content-Length: -999']), 400],
  ['a body shorter than Content-Length (§3.1.2.2)', text([...HEAD, 'Content-Length: 9999'], 'v=0'), 400],
  [
    'a CSeq number too large (§3.1.2.4)',
    text(HEAD.map((l) => l.replace('1 INVITE', '36893488147419103232 INVITE'))),
    400,
  ],
  ['a CSeq of another method (§3.1.2.17)', text(HEAD.map((l) => l.replace('1 INVITE', '1 OPTIONS'))), 400],
  ['two From fields (§3.3.8)', text([...HEAD, 'From: sip:c@127.0.0.1;tag=2']), 400],
  ['a missing Call-ID (§3.3.1)', text(HEAD.filter((l) => !l.startsWith('Call-ID'))), 400],
  ['a Via that names no host', text(['Via: SIP/2.0/UDP', ...HEAD.slice(1)]), 400],
  ['a From with an open quote (§3.1.2.6)', text(HEAD.map((l) => l.replace('"J, \\"R\\" User"', '"J'))), 400],
  ['a field without a colon', text([...HEAD, 'nonsense']), 400],
  ['a bar in the Call-ID', text(HEAD.map((l) => l.replace('x@', 'x|y@'))), 400],
  ['a header that never ends', Buffer.from(`INVITE sip:b@127.0.0.1 SIP/2.0\r\n${HEAD.join('\r\n')}`), 400],
  ['a header of 20 kB', text([...HEAD, `X: ${'a'.repeat(20_000)}`]), 513],
  ['200 header fields', text([...HEAD, ...Array.from({ length: 200 }, (_, n) => `X-${n}: 1`)]), 400],
])('%s', (_, bytes, expected) => {
  expect(verdict(bytes)).toBe(expected)
})

it('cuts what follows the body of a datagram', () => {
  const parsed = parseMessage(text([...HEAD, 'Content-Length: 4'], 'bodyand more'))
  expect(parsed.ok && parsed.message.body).toBe('body')
})

it('does not cut lists at commas in quotes and brackets', () => {
  expect(splitList('"a, b" <sip:a@x;p=1,2>;q=1 , <sip:c>,,sip:d')).toEqual([
    '"a, b" <sip:a@x;p=1,2>;q=1',
    '<sip:c>',
    'sip:d',
  ])
})

it('counts Content-Length in bytes, not characters', () => {
  const message = parseApplicationMessage(
    'MESSAGE sip:b@x SIP/2.0\r\ncontent-length: 1\r\nvia: a\r\nvia: b\r\n\r\né\u{1F600}',
  )
  if (!message) throw new Error('not read')
  expect(getAll(message, 'via')).toEqual(['a', 'b'])
  expect(getList({ headers: message.headers }, 'via')).toEqual(['a', 'b'])
  expect(serialize(message)).toBe('MESSAGE sip:b@x SIP/2.0\r\nVia: a\r\nVia: b\r\nContent-Length: 6\r\n\r\né\u{1F600}')
})
