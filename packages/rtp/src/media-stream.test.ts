import { once } from 'node:events'
import { encodeG711, type G711Codec } from '@hotline/audio'
import { afterEach, describe, expect, it } from 'vitest'
import type { ReceivedFrame } from './media-contract.js'
import { Pacer } from './pacer.js'
import { parseRtp, serializeRtp } from './packet.js'
import { serializeRtcp } from './rtcp.js'
import { closeAll, open, pacer, pair, peer, sleep, until } from './testing/loopback.js'

afterEach(async () => {
  expect(await closeAll()).toEqual({ calls: 0, ports: 0 })
})

describe('two streams over loopback', () => {
  it.each(['PCMU', 'PCMA'] as G711Codec[])('carries %s bit for bit, in order', async (codec) => {
    const { a, b } = await pair(codec)
    const sent: string[] = []
    a.source = (tick) => {
      const pcm = Int16Array.from({ length: 160 }, (_, i) => 3000 + ((tick * 160 + i) % 20_000))
      sent.push(Buffer.from(encodeG711(codec, pcm)).toString('hex'))
      return pcm
    }
    const heard: string[] = []
    let seamless = true
    b.on('frame', ({ kind, pcm }) => {
      // On a busy machine a frame may come late; the one after the gap is blended in and differs.
      if (kind === 'speech' && seamless) heard.push(Buffer.from(encodeG711(codec, pcm)).toString('hex'))
      seamless = kind === 'speech' || heard.length === 0
    })
    b.start()
    a.start()
    await until(() => heard.length >= 25)
    const places = heard.map((frame) => sent.indexOf(frame))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...new Set(places)].sort((x, y) => x - y))
    expect(b.stats().lost).toBe(0)
  })

  it('gives a frame every tick from the first one on, media or not', async () => {
    const { stream } = await open()
    const frames: ReceivedFrame[] = []
    stream.on('frame', (frame) => frames.push(frame))
    stream.start()
    await until(() => frames.length >= 12)
    expect(frames.map((frame) => frame.tick)).toEqual(frames.map((_, i) => i))
    expect(frames.every((frame) => frame.kind === 'silence' && frame.pcm.length === 160)).toBe(true)
  })

  it('passes each digit once, and the audio goes on after them', async () => {
    const { a, b } = await pair()
    const digits: string[] = []
    b.on('dtmf', (digit) => digits.push(digit))
    a.source = () => new Int16Array(160).fill(4000)
    a.start()
    b.start()
    a.sendDtmf('19#')
    await until(() => digits.length === 3)
    const before = b.stats().packetsReceived
    await until(() => b.stats().packetsReceived > before + 10)
    expect(digits.join('')).toBe('19#')
  })

  it('stops sending on hold, keeps frames coming, and starts again', async () => {
    const { a, b } = await pair()
    let frames = 0
    a.on('frame', () => frames++)
    a.start()
    b.start()
    await until(() => b.stats().packetsReceived > 3)
    a.update({ direction: 'recvonly' })
    const sent = a.stats().packetsSent
    const before = frames
    await until(() => frames > before + 5)
    expect(a.stats().packetsSent).toBe(sent)
    a.update({ direction: 'sendrecv' })
    await until(() => a.stats().packetsSent > sent + 3)
  })

  it('survives a listener that closes the stream in the middle of a tick', async () => {
    const { stream } = await open()
    stream.on('frame', () => void stream.close())
    stream.start()
    await until(() => pacer.size === 0)
  })
})

describe('media timeout', () => {
  it('reports once that no media ever came', async () => {
    const { stream } = await open({ firstMediaTimeoutMs: 100 })
    let timeouts = 0
    stream.on('timeout', () => timeouts++)
    stream.start()
    await until(() => timeouts > 0)
    await sleep(60)
    expect(timeouts).toBe(1)
  })

  it('is suspended on hold', async () => {
    const { stream } = await open({ firstMediaTimeoutMs: 60, direction: 'recvonly' })
    let timeouts = 0
    stream.on('timeout', () => timeouts++)
    stream.start()
    await sleep(200)
    expect(timeouts).toBe(0)
    stream.update({ direction: 'sendrecv' })
    await until(() => timeouts === 1)
  })

  it('uses the short window once media has come', async () => {
    const { stream, port } = await open({ firstMediaTimeoutMs: 60_000, mediaTimeoutMs: 100 })
    const caller = await peer()
    let timeouts = 0
    stream.on('timeout', () => timeouts++)
    stream.start()
    for (let i = 0; i < 3; i++) caller.send(port, i)
    await until(() => timeouts === 1)
  })
})

describe('symmetric RTP', () => {
  it('answers to where media comes from, not to the private address in the SDP', async () => {
    const caller = await peer()
    const { stream, port } = await open({ remote: { address: '127.0.0.1', port: 9 } })
    const latched = once(stream, 'latched')
    let got = 0
    caller.socket.on('message', () => got++)
    stream.start()
    for (let i = 0; i < 3; i++) caller.send(port, i)
    expect(await latched).toEqual(['127.0.0.1', caller.port])
    await until(() => got > 3)
    expect(stream.stats().packetsReceived).toBe(3)
  })

  it('is not taken over by a stray sender', async () => {
    const caller = await peer()
    const stranger = await peer()
    const { stream, port } = await open({ remote: { address: '127.0.0.1', port: caller.port } })
    let got = 0
    stranger.socket.on('message', () => got++)
    stream.start()
    for (let i = 0; i < 30; i++) {
      caller.send(port, i)
      stranger.send(port, 1000 + i, 99)
      await sleep(5)
    }
    expect(got).toBe(0)
    expect(stream.remote).toMatchObject({ port: caller.port })
  })
})

it('makes up the frames of a stall, so that ticks stay in step with time', async () => {
  let nowMs = 0
  const pending: (() => void)[] = []
  const clock = {
    now: () => nowMs,
    schedule: (run: () => void) => {
      pending.push(run)
      return () => {
        pending.length = 0
      }
    },
  }
  const virtual = new Pacer({ clock })
  const { stream } = await open({ pacer: virtual })
  const ticks: number[] = []
  stream.on('frame', ({ tick, pcm }) => ticks.push(pcm.length === 160 ? tick : -1))
  stream.start()
  for (nowMs of [20, 40, 60, 700, 720]) pending.pop()?.()
  expect(ticks).toEqual(ticks.map((_, i) => i))
  expect(ticks.length).toBe(stream.nowMs() / 20 + 1)
  await stream.close()
  expect(pending).toEqual([])
})

it('leaves no socket and no timer behind', async () => {
  const { a, b } = await pair()
  a.start()
  b.start()
  await until(() => b.stats().packetsReceived > 0)
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length
  const before = sockets()
  await Promise.all([a.close(), b.close(), a.close()])
  await until(() => sockets() === before - 4)
  expect(pacer.size).toBe(0)
})

describe('hostile peers', () => {
  it('refuses an address or port that would throw in the timer', async () => {
    const { stream } = await open()
    const bad = [
      { address: '127.0.0.1', port: 0 },
      { address: '127.0.0.1', port: 492170 },
      { address: 'example.invalid', port: 4000 },
      { address: '127.0.0.1', port: 4000, rtcpPort: 70000 },
    ]
    for (const remote of bad) expect(() => stream.update({ remote })).toThrow(RangeError)
  })

  it('keeps carrying audio through 10,000 mutated RTP and RTCP packets', async () => {
    const { a, b } = await pair()
    let audible = 0
    a.source = () => new Int16Array(160).fill(4000)
    b.on('frame', (frame) => {
      if (frame.kind === 'speech') audible++
    })
    a.start()
    b.start()
    await until(() => audible > 3)
    const target = a.remote as { port: number }
    const caller = await peer()
    let seed = 1
    const random = (limit: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return (seed >>> 8) % limit
    }
    const rtp = serializeRtp({
      payloadType: 0,
      marker: true,
      sequenceNumber: 1,
      timestamp: 1,
      ssrc: 5,
      csrcs: [1, 2],
      extension: { profile: 0xbede, data: new Uint8Array(8) },
      payload: new Uint8Array(40),
      paddingBytes: 4,
    })
    const rtcp = serializeRtcp([
      { type: 'rr', ssrc: 5, reports: [] },
      { type: 'sdes', chunks: [{ ssrc: 5, cname: 'x' }] },
      { type: 'bye', ssrcs: [5], reason: 'bye' },
    ])
    for (let i = 0; i < 10_000; i++) {
      const bytes = (i % 2 ? rtp : rtcp).slice(0, random(4) ? undefined : random(60))
      for (let edit = random(6); edit > 0; edit--) if (bytes.length) bytes[random(bytes.length)] = random(256)
      caller.socket.send(bytes, target.port + (i % 4 === 0 ? 1 : 0), '127.0.0.1')
      if (i % 200 === 199) await sleep(1)
    }
    expect(parseRtp(rtp)).not.toBeNull()
    const before = audible
    await until(() => audible > before + 10)
    expect(b.remote).not.toMatchObject({ port: caller.port })
  })
})

it('agrees with an observer on the wire about when a packet left', async () => {
  const observer = await peer()
  const { stream } = await open({ remote: { address: '127.0.0.1', port: observer.port } })
  const errors: number[] = []
  let zero = Number.NaN
  observer.socket.on('message', (bytes) => {
    const timestamp = parseRtp(bytes)?.timestamp ?? 0
    if (Number.isNaN(zero)) zero = timestamp
    errors.push(Math.abs(stream.nowMs() - stream.sendTimeMs((timestamp - zero) / 160)))
  })
  const asked: number[] = []
  stream.source = (tick, sendMs) => {
    asked.push(sendMs)
    expect(stream.sendTimeMs(tick)).toBe(sendMs)
    return null
  }
  stream.start()
  await until(() => errors.length >= 20)
  expect([...errors].sort((x, y) => x - y)[10]).toBeLessThan(20)
})

it('sends reports and a BYE on RTCP', async () => {
  const rtcp = await peer()
  const media = await peer()
  const { stream } = await open({ remote: { address: '127.0.0.1', port: media.port, rtcpPort: rtcp.port } })
  const types: number[] = []
  rtcp.socket.on('message', (bytes) => types.push(bytes[1] as number))
  stream.start()
  await until(() => stream.stats().packetsSent > 2)
  await stream.close()
  await until(() => types.length > 0)
  expect(types[0]).toBe(200)
})
