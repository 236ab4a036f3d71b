import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { failureText } from '../failure.js'
import { checkPortsFree, findFreePort } from './ports.js'

const sip = (port: number) => ({
  port,
  host: '127.0.0.1',
  variable: 'HOTLINE_SIP_PORT',
  purpose: 'SIP',
  protocols: ['TCP', 'UDP'] as const,
})

describe('ports', () => {
  it('a port in use is named together with the variable that moves it', async () => {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as { port: number }
    const text = failureText(await checkPortsFree([sip(port)]).catch((error: unknown) => error))
    await new Promise((resolve) => server.close(resolve))
    expect(text).toContain(`TCP port ${port} on 127.0.0.1, for SIP, is in use`)
    expect(text).toContain('HOTLINE_SIP_PORT=')
  })

  it('a softphone that holds only the UDP side is noticed', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    await expect(checkPortsFree([sip(port)])).rejects.toThrow(`UDP port ${port}`)
    socket.close()
  })

  it('checking leaves the port free, for the server that comes next', async () => {
    const port = await findFreePort(new Set())
    await checkPortsFree([sip(port)])
    await checkPortsFree([sip(port)])
  })

  it('an address of another machine is not reported as a port in use', async () => {
    await expect(checkPortsFree([{ ...sip(5060), host: '192.0.2.1' }])).rejects.toThrow('cannot be opened')
  })
})
