import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const HOST = '127.0.0.1'

/** Whether a loopback port can be bound over both TCP and UDP. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const socket = createSocket('udp4')
  try {
    server.listen(port, HOST)
    await once(server, 'listening')
    socket.bind(port, HOST)
    await once(socket, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
    socket.close()
  }
}

/** So many loopback ports that are free over TCP and UDP right now, below the range that clients are given. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  for (let tries = 0; found.length < count && tries < 1000; tries++) {
    const port = 11_000 + Math.floor(Math.random() * 8000)
    if (!found.includes(port) && (await isFree(port))) found.push(port)
  }
  if (found.length < count) throw new Error('no free ports on loopback')
  return found
}
