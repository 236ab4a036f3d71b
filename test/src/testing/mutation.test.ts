import { expect, test } from 'vitest'
import { seededRandom } from '../caller/random.js'
import { mutateBytes, mutateText } from './mutation.js'

test('a mutation names a host that is not the loopback address', () => {
  const random = seededRandom(1)
  const text = 'INVITE sip:a@127.0.0.1:5060 SIP/2.0\r\nContact: <sip:a@127.0.0.1>\r\n\r\n'
  for (let round = 0; round < 5000; round++) {
    const hosts = mutateText(text, random).match(/[\w.-]*127\.0\.0[\w.-]*/g) ?? []
    expect(hosts.filter((host) => host !== '127.0.0.1')).toEqual([])
  }
})

test('the same seed makes other mutations', () => {
  const make = () => {
    const random = seededRandom(7)
    return Array.from({ length: 20 }, () => mutateBytes(Buffer.from('0123456789abcdef'), random).toString('hex'))
  }
  expect(make()).toEqual(make())
  expect(new Set(make()).size).toBeGreaterThan(10)
})
