import { expect, it } from 'vitest'
import { parseCommand } from './command.js'
import { createFrameReader, encodeFrame } from './frame.js'

it('counts bytes, and finds frames however the stream is cut', () => {
  const bytes = Buffer.from(encodeFrame('1|ping') + encodeFrame('2|é\u{1F600}') + encodeFrame('3|x#y'))
  for (const size of [1, 2, 5, bytes.length]) {
    const reader = createFrameReader()
    const frames: string[] = []
    for (let at = 0; at < bytes.length; at += size) frames.push(...(reader.push(bytes.subarray(at, at + size)) ?? []))
    expect(frames).toEqual(['1|ping', '2|é\u{1F600}', '3|x#y'])
  }
})

it.each(['123456#', 'GET / HTTP/1.1\r\n', '#x', '0#', '-1#x'])('gives up on %j', (text) => {
  const reader = createFrameReader()
  expect(reader.push(Buffer.from(text))).toBeNull()
  expect(reader.push(Buffer.from('6#1|ping'))).toBeNull()
})

it('reads a proxy command with its timeouts', () => {
  const head = 'id|proxy|txn|remainInDialog|fullResponse||simultaneous|2s|1500ms|sip:a|sip:b'
  expect(parseCommand(`${head}\r\nINVITE sip:a SIP/2.0\r\n\r\n`)).toMatchObject({
    kind: 'proxy',
    recordRoute: true,
    followRedirects: false,
    simultaneous: true,
    provisionalMs: 2000,
    finalMs: 1500,
    destinations: ['sip:a', 'sip:b'],
  })
})

it.each(['', 'x', 'x|route|', 'x|sip|a|b', 'x|sip||\r\nnot sip', 'x|proxy|a\r\nINVITE sip:a SIP/2.0\r\n'])(
  'takes %j for what it is: not a command',
  (frame) => {
    expect(parseCommand(frame).kind).toBe('unknown')
  },
)
