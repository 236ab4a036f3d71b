import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JitterBuffer, type JitterFrame } from './jitter-buffer.js'

const FRAME = 160

/** Audio whose every sample tells its place: sample n of the stream is n modulo 32000 plus 1, never silent. */
function packet(index: number, samples = FRAME): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => ((index * samples + i) % 32_000) + 1)
}

interface Arrival {
  index: number
  atMs: number
}

interface SimulationOptions {
  /** First sequence number and timestamp. */
  sequence?: number
  timestamp?: number
  samples?: number
  /** When the first tick is, and how many there are. */
  firstTickMs?: number
  ticks?: number
  /** Extra media time before a packet, in samples: DTX. */
  gapBefore?: (index: number) => number
}

/** Plays a list of arrivals through a buffer in virtual time. */
function simulate(arrivals: Arrival[], options: SimulationOptions = {}) {
  const { sequence = 100, timestamp = 5000, samples = FRAME, firstTickMs = 3, gapBefore = () => 0 } = options
  const buffer = new JitterBuffer()
  const queue = [...arrivals].sort((a, b) => a.atMs - b.atMs)
  const last = queue.at(-1)?.atMs ?? 0
  const ticks = options.ticks ?? Math.ceil((last - firstTickMs) / 20) + 15
  const gaps: number[] = []
  for (let i = 0; i <= Math.max(0, ...arrivals.map(({ index }) => index)); i++) {
    gaps.push((gaps.at(-1) ?? 0) + gapBefore(i))
  }
  const frames: (JitterFrame & { atMs: number })[] = []
  for (let tick = 0; tick < ticks; tick++) {
    const nowMs = firstTickMs + 20 * tick
    while (queue[0] && queue[0].atMs <= nowMs) {
      const { index, atMs } = queue.shift() as Arrival
      const stamp = (timestamp + index * samples + (gaps[index] as number)) >>> 0
      buffer.put((sequence + index) & 0xffff, stamp, packet(index, samples), atMs)
    }
    frames.push({ ...buffer.pull(nowMs), atMs: nowMs })
  }
  return { buffer, frames }
}

const steady = (count: number, jitter: (index: number) => number = () => 0): Arrival[] =>
  Array.from({ length: count }, (_, index) => ({ index, atMs: index * 20 + jitter(index) }))

/** Packet number of each fully real frame. */
function played(frames: JitterFrame[]): number[] {
  return frames
    .filter((frame) => frame.kind === 'speech')
    .map((frame) => Math.floor((frame.pcm[120] as number) / FRAME))
}

describe('a clean line', () => {
  it('plays every packet once, bit for bit, at the next tick', () => {
    const { frames, buffer } = simulate(steady(100))
    const speech = frames.filter((frame) => frame.kind === 'speech')
    expect(speech.length).toBe(100)
    speech.forEach((frame, i) => {
      expect(frame.pcm).toEqual(packet(i))
      expect(frame.arrivalMs).toBe(i * 20)
      expect(frame.atMs - frame.arrivalMs).toBe(3)
    })
    expect(buffer.stats()).toEqual({ late: 0, duplicates: 0, concealed: 3, overflowSamples: 0, shrunk: 0 })
  })

  it('gives silence before the first packet, stamped now', () => {
    const { frames } = simulate([{ index: 0, atMs: 200 }], { ticks: 8 })
    expect(frames.every((frame) => frame.kind === 'silence' && frame.arrivalMs === frame.atMs)).toBe(true)
  })

  it.each([80, 240, 320, 480])('plays packets of %i samples without a seam', (samples) => {
    const count = Math.floor(16_000 / samples)
    const arrivals = Array.from({ length: count }, (_, index) => ({ index, atMs: ((index + 1) * samples) / 8 }))
    const { frames } = simulate(arrivals, { samples, firstTickMs: samples / 8 + 1 })
    const heard = frames.filter((frame) => frame.kind === 'speech').flatMap((frame) => [...frame.pcm])
    // The longest packets need some concealment until the delay has grown to one packet.
    const from = heard.indexOf(8001)
    const length = Math.min(6000, heard.length - FRAME - from)
    expect(length).toBeGreaterThan(4000)
    expect(heard.slice(from, from + length)).toEqual(Array.from({ length }, (_, i) => 8001 + i))
  })

  it('stamps the second half of a 40 ms packet 20 ms later than its first', () => {
    const arrivals = Array.from({ length: 20 }, (_, index) => ({ index, atMs: index * 40 }))
    const { frames } = simulate(arrivals, { samples: 320, firstTickMs: 1 })
    const speech = frames.filter((frame) => frame.kind === 'speech')
    for (let i = 1; i < speech.length; i++) {
      expect((speech[i] as JitterFrame).arrivalMs - (speech[i - 1] as JitterFrame).arrivalMs).toBe(20)
    }
  })
})

describe('wrap-around', () => {
  it('plays on when sequence numbers and timestamps wrap', () => {
    const { frames } = simulate(steady(60), { sequence: 65_520, timestamp: 0xffffffff - 1000 })
    expect(played(frames)).toEqual(Array.from({ length: 60 }, (_, i) => i))
  })

  it('knows a new packet from an old one a full wrap of sequence numbers later', () => {
    const buffer = new JitterBuffer()
    let heard = 0
    for (let i = 0; i < 70_000; i++) {
      const result = buffer.put(i & 0xffff, (i * FRAME) >>> 0, new Int16Array(FRAME).fill(5), i * 20)
      if (result === 'queued' && buffer.pull(i * 20 + 1).kind === 'speech') heard++
    }
    expect(heard).toBe(70_000)
  })
})

describe('a bad line', () => {
  it('puts reordered packets in order, and waits for them once it knows that kind of line', () => {
    const { frames, buffer } = simulate(steady(200, (i) => (i % 10 === 5 ? 25 : 0)))
    const order = played(frames)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(new Set(order).size).toBe(200 - buffer.stats().late)
    expect(buffer.stats().late).toBeLessThan(6)
  })

  it('does not add delay for one late packet', () => {
    const { frames } = simulate(steady(200, (i) => (i === 50 ? 45 : 0)))
    expect(frames.slice(0, 200).every(({ atMs, arrivalMs }) => atMs - arrivalMs < 20)).toBe(true)
  })

  it('plays a duplicated packet once', () => {
    const { frames, buffer } = simulate([...steady(50), ...steady(50, () => 1), ...steady(50, () => 90)])
    expect(played(frames)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(buffer.stats().duplicates).toBe(100)
  })

  it('fills a lost packet and stays in time', () => {
    const { frames } = simulate(steady(60).filter(({ index }) => index !== 30))
    const at = frames.findIndex((frame) => frame.pcm[120] === 29 * FRAME + 121)
    // With nothing behind it yet the gap shows only when packet 31 comes: one made-up frame, then 31.
    expect(frames[at + 1]?.kind).toBe('concealed')
    expect(frames[at + 1]?.pcm.some((sample) => sample !== 0)).toBe(true)
    expect(frames[at + 2]?.pcm[120]).toBe(31 * FRAME + 121)
    expect(frames[at + 2]?.atMs).toBe(32 * 20 - 20 + 3)
  })

  it('grows its delay with jitter, so that no speech is cut, and stops concealing', () => {
    const jitter = (i: number) => (i % 7 === 3 ? 70 : i % 5 === 0 ? 30 : 0)
    const { frames, buffer } = simulate(steady(500, jitter))
    const late = frames.slice(100, 480).filter((frame) => frame.kind !== 'speech').length
    expect(late).toBeLessThan(4)
    expect(buffer.stats().late).toBeLessThan(12)
  })

  it('gets the delay down again in a pause after one slow moment', () => {
    const buffer = new JitterBuffer()
    let delayMs = 0
    let worstMs = 0
    for (let i = 0; i < 1000; i++) {
      // Packets 100 to 109 are held up and come at once.
      const quiet = i > 120
      const pcm = quiet ? new Int16Array(FRAME).fill(3) : packet(i)
      if (i < 100 || i > 109) buffer.put(i, i * FRAME, pcm, i * 20)
      if (i === 110) for (let k = 100; k < 110; k++) buffer.put(k, k * FRAME, packet(k), i * 20)
      const frame = buffer.pull(i * 20 + 2)
      delayMs = i * 20 + 2 - frame.arrivalMs
      worstMs = Math.max(worstMs, delayMs)
    }
    expect(worstMs).toBeGreaterThan(150)
    expect(delayMs).toBeLessThan(30)
    expect(buffer.stats().shrunk).toBeGreaterThan(5)
  })

  it('works off within seconds what came before the first tick', () => {
    const buffer = new JitterBuffer()
    let delayMs = 0
    for (let i = 0; i < 15; i++) buffer.put(i, i * FRAME, new Int16Array(FRAME).fill(3), i * 20)
    for (let i = 15; i < 150; i++) {
      buffer.put(i, i * FRAME, new Int16Array(FRAME).fill(3), i * 20)
      delayMs = i * 20 + 1 - buffer.pull(i * 20 + 1).arrivalMs
      if (i === 15) expect(delayMs).toBeGreaterThan(250)
    }
    expect(delayMs).toBeLessThan(30)
  })

  it('keeps at most 400 ms when an outage ends in a burst', () => {
    const { frames, buffer } = simulate(steady(300, (i) => (i >= 100 && i < 250 ? (250 - i) * 20 : 0)))
    const worst = Math.max(...frames.filter((f) => f.kind === 'speech').map((f) => f.atMs - f.arrivalMs))
    expect(worst).toBeLessThanOrEqual(440)
    expect(buffer.stats().overflowSamples).toBeGreaterThan(0)
  })
})

describe('gaps', () => {
  it('turns a DTX pause to silence as long as the pause, so that a turn can end in it', () => {
    const arrivals = steady(100, (i) => (i >= 50 ? 750 : 0))
    const { frames } = simulate(arrivals, { gapBefore: (i) => (i === 50 ? 6000 : 0) })
    const gap = frames.filter(({ atMs }) => atMs > 50 * 20 && atMs < 50 * 20 + 740)
    expect(gap.filter(({ kind }) => kind === 'silence').length).toBeGreaterThan(30)
    expect(gap.slice(5).every(({ pcm }) => pcm.every((sample) => sample === 0))).toBe(true)
    const after = frames.filter(({ kind, atMs }) => kind === 'speech' && atMs > 50 * 20 + 740)
    expect(after.length).toBe(50)
    expect((after[0] as { atMs: number }).atMs - (after[0] as JitterFrame).arrivalMs).toBeLessThan(20)
  })

  it('also where the sender stops its clock in the pause', () => {
    const { frames } = simulate(steady(100, (i) => (i >= 50 ? 750 : 0)))
    expect(played(frames)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    const last = frames.filter(({ kind }) => kind === 'speech').at(-1) as JitterFrame & { atMs: number }
    expect(last.atMs - last.arrivalMs).toBeLessThan(25)
  })

  it('is silent for good after 60 ms without packets', () => {
    const { frames } = simulate(steady(20), { ticks: 200 })
    expect(frames.slice(25).every(({ kind }) => kind === 'silence')).toBe(true)
    // Stamps go on with the clock.
    expect((frames[150] as JitterFrame).arrivalMs - (frames[50] as JitterFrame).arrivalMs).toBe(2000)
  })

  it('does not wait seconds for audio whose timestamp jumped ahead', () => {
    const { frames } = simulate(steady(100), { gapBefore: (i) => (i === 50 ? 80_000 : 0) })
    expect(played(frames).length).toBeGreaterThan(75)
  })

  it('follows a sender that starts its timeline again', () => {
    const buffer = new JitterBuffer()
    let heard = 0
    for (let i = 0; i < 200; i++) {
      const again = i >= 100
      buffer.put(again ? 30_000 + i : i, (again ? 77 : 900_000) + i * FRAME, packet(i), i * 20)
      if (i >= 100 && buffer.pull(i * 20 + 1).kind === 'speech') heard++
      else if (i < 100) buffer.pull(i * 20 + 1)
    }
    expect(heard).toBeGreaterThan(95)
  })

  it('starts afresh after a reset', () => {
    const { buffer } = simulate(steady(20))
    buffer.reset()
    expect(buffer.put(1, 1, packet(0), 10_000)).toBe('queued')
    expect(buffer.pull(10_001).pcm[120]).toBe(121)
  })
})

it('whatever comes, gives 160 samples a tick, stamps them about now, and plays nothing twice', () => {
  const arrival = fc.record({ index: fc.nat(60), delayMs: fc.nat(300) })
  fc.assert(
    fc.property(
      fc.array(arrival, { maxLength: 120 }),
      fc.nat(0xffff),
      fc.nat(0xffffffff),
      (list, sequence, timestamp) => {
        const arrivals = list.map(({ index, delayMs }) => ({ index, atMs: index * 20 + delayMs }))
        const { frames } = simulate(arrivals, { sequence, timestamp, ticks: 100 })
        let newest = -1
        for (const { pcm, arrivalMs, atMs, kind } of frames) {
          if (pcm.length !== FRAME || arrivalMs > atMs + 20) return false
          if (kind !== 'speech') continue
          if ((pcm[120] as number) <= newest) return false
          newest = pcm[120] as number
        }
        return true
      },
    ),
    { numRuns: 300 },
  )
})

it('takes hostile sequence numbers and timestamps without growing or throwing', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(0xffff), fc.nat(0xffffffff), fc.nat(1600)), { maxLength: 200 }), (packets) => {
      const buffer = new JitterBuffer()
      packets.forEach(([sequence, timestamp, samples], i) => {
        buffer.put(sequence, timestamp, new Int16Array(samples), i * 7)
        if (buffer.pull(i * 7 + 1).pcm.length !== FRAME) throw new Error('not a frame')
      })
    }),
    { numRuns: 300 },
  )
})
