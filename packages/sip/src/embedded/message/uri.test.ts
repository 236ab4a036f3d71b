import { expect, it } from 'vitest'
import { parseAddress } from './address.js'
import { decodeUser, parseUri } from './uri.js'
import { parseVia, stampVia } from './via.js'

it.each([
  ['sip:demo@127.0.0.1', { scheme: 'sip', user: 'demo', host: '127.0.0.1', port: undefined }],
  ['SIP:+49(30)1@Example.COM:5062;transport=TCP', { user: '+49(30)1', host: 'example.com', port: 5062 }],
  ['sip:[::1]:5080;lr', { user: '', host: '::1', port: 5080 }],
  ['sips:a:secret@host?subject=x', { scheme: 'sips', user: 'a:secret', host: 'host' }],
  ['tel:+49-30-123;phone-context=x', { scheme: 'tel', user: '+49-30-123' }],
])('reads %s', (text, expected) => {
  expect(parseUri(text)).toMatchObject(expected)
})

it.each(['', 'sip:', 'sip:a@', 'sip:a@b@c', 'sip:a@host:0', 'sip:a@host:99999', 'sip:a b@host', 'mailto:a@b', 'demo'])(
  'refuses %j',
  (text) => {
    expect(parseUri(text)).toBeNull()
  },
)

it('resolves escapes of a user part, and leaves broken ones alone', () => {
  expect(decodeUser('caf%C3%A9;x=1')).toBe('café')
  expect(decodeUser('100%')).toBe('100%')
})

it('takes parameters of a bare URI for those of the header field (RFC 3261 §20.10)', () => {
  const bare = parseAddress('sip:a@b;tag=1')
  expect(bare?.uri).toBe('sip:a@b')
  expect(bare?.params.get('tag')).toBe('1')
  const bracketed = parseAddress('"x" <sip:a@b;tag=1>;expires=60')
  expect(bracketed?.uri).toBe('sip:a@b;tag=1')
  expect(bracketed?.params.has('tag')).toBe(false)
})

it('answers through address translation: received and rport (RFC 3581 §4)', () => {
  const via = parseVia('SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1')
  if (!via) throw new Error('not read')
  expect(stampVia(via, '192.0.2.1', 1024)).toBe(
    'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;rport=1024;received=192.0.2.1',
  )
})
