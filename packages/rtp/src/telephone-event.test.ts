import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DTMF_DIGITS,
  parseTelephoneEvent,
  serializeTelephoneEvent,
  TelephoneEventReceiver,
  TelephoneEventSender,
} from './telephone-event.js'

interface Sent {
  atMs: number
  timestamp: number
  marker: boolean
  payload: Uint8Array
}

/** What a sender puts on the wire for these digits. */
function send(digits: string, timestamp = 1000): Sent[] {
  const sender = new TelephoneEventSender()
  sender.enqueue(digits)
  const packets: Sent[] = []
  for (let tick = 0; sender.busy; tick++) {
    const packet = sender.next((timestamp + tick * 160) >>> 0)
    if (packet) packets.push({ atMs: tick * 20, ...packet })
  }
  return packets
}

/** What a receiver makes of them, polled each tick. */
function receive(packets: Sent[], untilMs = 20_000): string {
  const receiver = new TelephoneEventReceiver()
  const queue = packets.slice()
  let heard = ''
  for (let nowMs = 0; nowMs < untilMs && (queue.length > 0 || nowMs < (packets.at(-1)?.atMs ?? 0) + 400); nowMs += 20) {
    while (queue[0] && queue[0].atMs <= nowMs) {
      const packet = queue.shift() as Sent
      for (const press of receiver.push(packet.timestamp, packet.payload, nowMs)) heard += press.digit
    }
    heard += receiver.poll(nowMs)?.digit ?? ''
  }
  return heard
}

describe('key presses', () => {
  it('passes all sixteen digits, each once', () => {
    expect(receive(send(DTMF_DIGITS))).toBe(DTMF_DIGITS)
  })

  it('tells two presses of the same key from one', () => {
    expect(receive(send('5544'))).toBe('5544')
  })

  it('reports each digit once whichever packets are lost, as long as one comes', () => {
    const digits = '1904#'
    const packets = send(digits)
    const presses = new Set(packets.map(({ timestamp }) => timestamp))
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: packets.length, maxLength: packets.length }), (kept) => {
        const left = packets.filter((_, i) => kept[i])
        for (const timestamp of presses) fc.pre(left.some((packet) => packet.timestamp === timestamp))
        expect(receive(left)).toBe(digits)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['the first', (i: number) => i > 0],
    ['all but the ends', (i: number) => i >= 4],
    ['all ends', (i: number) => i < 4],
    ['all but one in the middle', (i: number) => i === 2],
  ])('reports a digit once when %s packets are lost or kept', (_, keep) => {
    expect(receive(send('7').filter((__, i) => keep(i)))).toBe('7')
  })

  it('reports a digit once however often its packets are repeated or reordered', () => {
    const packets = send('12')
    const twice = packets.flatMap((packet) => [packet, packet])
    expect(receive(twice)).toBe('12')
    const late = [...packets, { ...(packets[0] as Sent), atMs: 2000 }]
    expect(receive(late)).toBe('12')
  })

  it('goes on where timestamps wrap', () => {
    expect(receive(send('123', 0xffffff00))).toBe('123')
  })

  it('reports a press longer than one segment as one', () => {
    const receiver = new TelephoneEventReceiver()
    const presses = []
    let timestamp = 0
    for (let segment = 0; segment < 2; segment++) {
      for (let samples = 160; samples <= 0xffff; samples += 3200) {
        const payload = serializeTelephoneEvent({ event: 3, end: false, volume: 10, durationSamples: samples })
        presses.push(...receiver.push(timestamp, payload, (timestamp + samples) / 8))
      }
      const last = serializeTelephoneEvent({ event: 3, end: segment === 1, volume: 10, durationSamples: 0xffff })
      presses.push(...receiver.push(timestamp, last, (timestamp + 0xffff) / 8))
      timestamp += 0xffff
    }
    expect(presses).toEqual([{ digit: '3', durationMs: Math.round((2 * 0xffff) / 8) }])
  })

  it('gives the length of the press', () => {
    const receiver = new TelephoneEventReceiver()
    const presses = send('1').flatMap(({ timestamp, payload, atMs }) => receiver.push(timestamp, payload, atMs))
    expect(presses).toEqual([{ digit: '1', durationMs: 100 }])
  })
})

describe('the sender', () => {
  it('marks the first packet, ends three times, and pauses before the next press', () => {
    const packets = send('12')
    const first = packets.filter(({ timestamp }) => timestamp === 1000)
    expect(first.map(({ marker }) => marker)).toEqual([true, false, false, false, false, false, false])
    expect(first.filter(({ payload }) => parseTelephoneEvent(payload)?.end).length).toBe(3)
    const second = packets[first.length] as Sent
    expect(second.atMs - (first[4] as Sent).atMs).toBeGreaterThanOrEqual(80)
  })

  it('refuses letters that are no keys and an endless queue', () => {
    const sender = new TelephoneEventSender()
    expect(() => sender.enqueue('12x')).toThrow(RangeError)
    expect(() => sender.enqueue('1'.repeat(65))).toThrow(RangeError)
    expect(sender.busy).toBe(false)
    expect(() => sender.enqueue('abcd*#')).not.toThrow()
  })
})

it('ignores events that are no keys and payloads cut short', () => {
  const receiver = new TelephoneEventReceiver()
  expect(receiver.push(1, Uint8Array.of(16, 0x80, 1, 1), 0)).toEqual([])
  expect(receiver.push(2, Uint8Array.of(1, 0x80, 1), 0)).toEqual([])
  expect(receiver.poll(10_000)).toBeNull()
})
