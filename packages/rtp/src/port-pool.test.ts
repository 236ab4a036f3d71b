import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { PortPool, PortsExhaustedError } from './port-pool.js'

const host = '127.0.0.1'

describe('port pool', () => {
  it('serves a burst of 400 reservations without one port given twice', async () => {
    const pool = new PortPool({ host, minPort: 43_000, maxPort: 43_999, quarantineMs: 0 })
    const pairs = await Promise.all(Array.from({ length: 400 }, () => pool.reserve()))
    expect(new Set(pairs.map(({ rtpPort }) => rtpPort)).size).toBe(400)
    for (const pair of pairs) {
      expect(pair.rtpPort % 2).toBe(0)
      expect(pair.rtcpPort).toBe(pair.rtpPort + 1)
      expect(pair.rtp.address().port).toBe(pair.rtpPort)
      expect(pair.rtcp.address().port).toBe(pair.rtcpPort)
    }
    expect(pool.used).toBe(400)
    await Promise.all(pairs.map((pair) => pair.release()))
    expect(pool.used).toBe(0)
  })

  it('passes over a port that somebody else holds', async () => {
    const other = createSocket('udp4')
    other.bind(44_003, host)
    await once(other, 'listening')
    const pool = new PortPool({ host, minPort: 44_002, maxPort: 44_005, quarantineMs: 0 })
    const pair = await pool.reserve()
    expect(pair.rtpPort).toBe(44_004)
    await pair.release()
    other.close()
  })

  it('says at once that no pair is left', async () => {
    const pool = new PortPool({ host, minPort: 44_010, maxPort: 44_013, quarantineMs: 0 })
    const pairs = [await pool.reserve(), await pool.reserve()]
    await expect(pool.reserve()).rejects.toBeInstanceOf(PortsExhaustedError)
    expect(pool.used).toBe(2)
    await Promise.all(pairs.map((pair) => pair.release()))
    expect(pool.free).toBe(2)
  })

  it('lets a used pair rest before the next call gets it', async () => {
    let nowMs = 0
    const pool = new PortPool({ host, minPort: 44_020, maxPort: 44_021, quarantineMs: 5000, now: () => nowMs })
    const pair = await pool.reserve()
    await pair.release()
    await pair.release()
    expect(pool.free).toBe(0)
    await expect(pool.reserve()).rejects.toBeInstanceOf(PortsExhaustedError)
    nowMs = 5000
    const again = await pool.reserve()
    expect(again.rtpPort).toBe(44_020)
    await again.release()
  })

  it('hands out the longest unused pair first', async () => {
    const pool = new PortPool({ host, minPort: 44_030, maxPort: 44_035, quarantineMs: 0 })
    const ports: number[] = []
    for (let i = 0; i < 4; i++) {
      const pair = await pool.reserve()
      ports.push(pair.rtpPort)
      await pair.release()
    }
    expect(ports).toEqual([44_030, 44_032, 44_034, 44_030])
  })

  it.each([
    [{ minPort: 0, maxPort: 100 }],
    [{ minPort: 100, maxPort: 70_000 }],
    [{ minPort: 101, maxPort: 102 }],
    [{ minPort: 200, maxPort: 100 }],
  ])('refuses a range without a pair: %o', (range) => {
    expect(() => new PortPool({ host, quarantineMs: 0, ...range })).toThrow(RangeError)
    expect(() => new PortPool({ host: 'localhost', minPort: 100, maxPort: 200, quarantineMs: 0 })).toThrow(RangeError)
  })
})
