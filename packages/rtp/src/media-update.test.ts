import { afterEach, describe, expect, it } from 'vitest'
import { closeAll, open, pair, peer, until } from './testing/loopback.js'

afterEach(async () => {
  expect(await closeAll()).toEqual({ calls: 0, ports: 0 })
})

describe('re-INVITE', () => {
  it('sends to the new address at once, without waiting for its first packet', async () => {
    const oldPhone = await peer()
    const newPhone = await peer()
    const { stream, port } = await open({ remote: { address: '127.0.0.1', port: oldPhone.port } })
    let got = 0
    newPhone.socket.on('message', () => got++)
    stream.start()
    oldPhone.send(port, 1)
    await until(() => stream.stats().packetsReceived > 0)
    stream.update({ remote: { address: '127.0.0.1', port: newPhone.port } })
    await until(() => got > 2)
    newPhone.send(port, 500, 8)
    await until(() => stream.stats().packetsReceived > 1)
    expect(stream.remote).toMatchObject({ port: newPhone.port })
  })

  it('goes back to a caller behind NAT whose new SDP names an address that never sends', async () => {
    const caller = await peer()
    const silent = await peer()
    const { stream, port } = await open({ remote: { address: '127.0.0.1', port: caller.port } })
    stream.start()
    caller.send(port, 0)
    await until(() => stream.stats().packetsReceived > 0)
    stream.update({ remote: { address: '127.0.0.1', port: silent.port } })
    for (let i = 1; i < 60; i++) caller.send(port, i)
    await until(() => stream.remote?.port === caller.port)
  })

  it('keeps address, clock and frames through a hold without an address', async () => {
    const { a, b } = await pair()
    const ticks: number[] = []
    a.on('frame', ({ tick }) => ticks.push(tick))
    a.start()
    b.start()
    await until(() => b.stats().packetsReceived > 3)
    a.update({ remote: null, direction: 'recvonly' })
    await until(() => ticks.length > 10)
    a.update({ direction: 'sendrecv' })
    const before = b.stats().packetsReceived
    await until(() => b.stats().packetsReceived > before + 3)
    expect(ticks).toEqual(ticks.map((_, i) => i))
  })

  it('changes the codec in mid-call', async () => {
    const { a, b } = await pair('PCMU')
    let loud = 0
    a.source = () => new Int16Array(160).fill(8000)
    b.on('frame', ({ pcm }) => {
      if (Math.abs((pcm[80] as number) - 8000) < 300) loud++
    })
    a.start()
    b.start()
    await until(() => loud > 3)
    for (const stream of [a, b]) stream.update({ codec: 'PCMA', payloadType: 8 })
    const before = loud
    await until(() => loud > before + 5)
  })
})
