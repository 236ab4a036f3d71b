import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { testNeeding } from '../testing/needing.js'
import { between, readPcap } from './pcap.js'
import { startCapture } from './tcpdump.js'

/** A capture of one UDP datagram, as tcpdump writes it on an Ethernet-like interface. */
function capture(payload: Buffer, order: 'LE' | 'BE'): Buffer {
  const frame = Buffer.alloc(14 + 20 + 8)
  frame.writeUInt8(0x45, 14)
  frame.writeUInt8(17, 14 + 9)
  frame.writeUInt16BE(5004, 34)
  frame.writeUInt16BE(20_000, 36)
  frame.writeUInt16BE(8 + payload.length, 38)
  const size = frame.length + payload.length
  const head = Buffer.alloc(24 + 16)
  const word = (value: number, at: number) =>
    order === 'LE' ? head.writeUInt32LE(value, at) : head.writeUInt32BE(value, at)
  word(0xa1b2c3d4, 0)
  word(1, 20)
  word(1000, 24)
  word(250_000, 28)
  word(size, 32)
  word(size, 36)
  return Buffer.concat([head, frame, payload])
}

test.each(['LE', 'BE'] as const)('a %s capture is read with another time, port or payload', (order) => {
  const file = capture(Buffer.from('hello'), order)
  const expected = { atMs: 1_000_250, sourcePort: 5004, destinationPort: 20_000, bytes: Buffer.from('hello') }
  expect(readPcap(file)).toEqual([expected])
  expect(readPcap(file.subarray(0, -2))).toEqual([])
  expect(() => readPcap(Buffer.alloc(30))).toThrow('not a pcap')
})

testNeeding('tcpdump')('tcpdump misses datagrams, or tells another order', async () => {
  const receiver = createSocket('udp4').bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  const sender = createSocket('udp4').bind(0, '127.0.0.1')
  await once(sender, 'listening')
  const { port } = receiver.address()
  const running = await startCapture(port, port)
  for (let index = 0; index < 50; index++) {
    sender.send(Buffer.from([index]), port, '127.0.0.1')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const datagrams = between(await running.stop(), sender.address().port, port)
  sender.close()
  receiver.close()
  expect(datagrams.map(({ bytes }) => bytes[0])).toEqual([...Array(50).keys()])
  expect(Math.abs((datagrams[0]?.atMs ?? 0) - Date.now())).toBeLessThan(10_000)
})
