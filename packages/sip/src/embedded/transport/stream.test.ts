import { expect, it } from 'vitest'
import { createStreamFramer } from './stream.js'

const one = (body: string) => `OPTIONS sip:x SIP/2.0\r\nl: ${body.length}\r\n\r\n${body}`

it('finds messages however the stream is cut', () => {
  const bytes = Buffer.from(`\r\n\r\n${one('first')}\r\n${one('')}${one('third')}`)
  for (const size of [1, 3, 7, bytes.length]) {
    const framer = createStreamFramer()
    const kinds: string[] = []
    for (let at = 0; at < bytes.length; at += size) {
      for (const item of framer.push(bytes.subarray(at, at + size))) {
        kinds.push(item.kind === 'message' ? item.bytes.toString().slice(-5) : item.kind)
      }
    }
    expect(kinds).toEqual(['ping', 'first', '0\r\n\r\n'.slice(-5), 'third'])
    expect(framer.pendingBytes).toBe(0)
  }
})

it.each([
  ['a header without end', 'X: '.padEnd(20_000, 'a')],
  ['a Content-Length that is no number', 'OPTIONS sip:x SIP/2.0\r\nContent-Length: many\r\n\r\n'],
  ['two of them', 'OPTIONS sip:x SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\n'],
  ['a body too large', 'OPTIONS sip:x SIP/2.0\r\nContent-Length: 99999999\r\n\r\n'],
])('gives up on %s', (_, text) => {
  const framer = createStreamFramer()
  expect(framer.push(Buffer.from(text)).map(({ kind }) => kind)).toEqual(['broken'])
  expect(framer.push(Buffer.from(one('')))).toEqual([])
})
