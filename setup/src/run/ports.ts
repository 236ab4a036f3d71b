import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { SetupFailure } from '../failure.js'

/** A port that people rely on, and the variable that moves it. */
export interface PublicPort {
  readonly port: number
  readonly host: string
  readonly variable: string
  readonly purpose: string
  readonly protocols: readonly ('TCP' | 'UDP')[]
}

/** Refuses to start when somebody else has a port. @throws SetupFailure that names port and variable. */
export async function checkPortsFree(ports: readonly PublicPort[]): Promise<void> {
  for (const { port, host, variable, purpose, protocols } of ports) {
    for (const protocol of protocols) {
      const code = await (protocol === 'TCP' ? tryTcp(port, host) : tryUdp(port, host))
      if (code !== undefined) throw portFailure(port, host, variable, purpose, protocol, code)
    }
  }
}

function portFailure(port: number, host: string, variable: string, purpose: string, protocol: string, code: string) {
  if (code === 'EADDRINUSE') {
    return new SetupFailure(
      `${protocol} port ${port} on ${host}, for ${purpose}, is in use by another program.`,
      `End that program (\`ss -ltunp | grep :${port}\` shows it), or choose another port: ${variable}=${port + 10} npm start`,
    )
  }
  if (code === 'EACCES') {
    return new SetupFailure(
      `${protocol} port ${port}, for ${purpose}, needs root.`,
      `Set ${variable} to 1024 or above.`,
    )
  }
  return new SetupFailure(
    `${protocol} port ${port} on ${host}, for ${purpose}, cannot be opened: ${code}.`,
    'Is HOTLINE_HOST an address of this machine?',
  )
}

/** Opens and closes a listener; answers with the error's code, undefined when it went well. */
async function tryTcp(port: number, host: string): Promise<string | undefined> {
  const server = createServer()
  try {
    await once(server.listen(port, host), 'listening')
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

async function tryUdp(port: number, host: string): Promise<string | undefined> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.bind(port, host)
    await once(socket, 'listening')
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  } finally {
    socket.close()
  }
}

/** A TCP port on loopback that is free now, not one of `taken`; the operating system chooses. */
export async function findFreePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    await new Promise((resolve) => server.close(resolve))
    if (address !== null && typeof address === 'object' && !taken.has(address.port)) return address.port
  }
}
