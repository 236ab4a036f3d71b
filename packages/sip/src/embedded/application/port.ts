import { createHash, timingSafeEqual } from 'node:crypto'
import net from 'node:net'
import { type Application, createApplication } from './application.js'
import { type Command, parseCommand } from './command.js'
import { createFrameReader, encodeFrame } from './frame.js'
import { plainReply } from './notice.js'

/** The TCP port that applications connect to. */
export interface ApplicationPort {
  readonly port: number
  readonly applications: readonly Application[]
  /** The next application in turn that routes this lower-case method. */
  pick(verb: string): Application | undefined
  close(): Promise<void>
}

export interface ApplicationPortOptions {
  readonly host: string
  readonly port: number
  readonly secret: string
  /** Told to applications as `udp/host:port,tcp/host:port`. */
  readonly hostports: () => string
  onCommand(application: Application, command: Command): void
  onJoined(application: Application): void
  onGone(application: Application): void
  onError(error: Error): void
}

const MAX_APPLICATIONS = 64
const AUTHENTICATE_MS = 10_000

/** The protocol version of drachtio-server that this server keeps to. */
const VERSION = 'v0.9.5'

/** Listens for applications. Rejects when the port is taken. */
export async function openApplicationPort(options: ApplicationPortOptions): Promise<ApplicationPort> {
  const members: ReturnType<typeof createApplication>[] = []
  const sockets = new Set<net.Socket>()
  const turn = new Map<string, number>()
  let lastId = 0

  function accept(socket: net.Socket): void {
    if (sockets.size >= MAX_APPLICATIONS) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 30_000)
    const reader = createFrameReader()
    let application: ReturnType<typeof createApplication> | undefined
    const impatience = setTimeout(() => socket.destroy(), AUTHENTICATE_MS)

    function refuse(msgId: string, reason: string): void {
      socket.end(encodeFrame(plainReply(msgId, 'NO', reason)))
    }

    function obey(frame: string): void {
      const command = parseCommand(frame)
      if (command.kind === 'authenticate') {
        if (application || !sameSecret(command.secret, options.secret)) {
          refuse(command.msgId, 'incorrect secret')
          return
        }
        clearTimeout(impatience)
        application = createApplication(++lastId, socket, command.tags.slice(0, 20))
        members.push(application)
        const hostports = options.hostports()
        application.send(plainReply(command.msgId, 'OK', hostports, VERSION, hostports))
        options.onJoined(application)
        return
      }
      if (!application) {
        refuse(command.msgId, 'not authenticated')
        return
      }
      switch (command.kind) {
        case 'route':
          application.verbs.add(command.verb)
          application.send(plainReply(command.msgId, 'OK'))
          return
        case 'remove_route':
          application.verbs.delete(command.verb)
          application.send(plainReply(command.msgId, 'OK'))
          return
        case 'ping':
          application.send(plainReply(command.msgId, 'OK'))
          return
        case 'unknown':
          if (command.problem === 'malformed SIP message') {
            application.send(plainReply(command.msgId, 'NOK', command.problem))
          } else refuse(command.msgId, command.problem)
          return
        default:
          options.onCommand(application, command)
      }
    }

    socket.on('data', (chunk) => {
      const frames = reader.push(chunk)
      if (!frames) {
        socket.destroy()
        return
      }
      for (const frame of frames) {
        if (!socket.writable) return
        try {
          obey(frame)
        } catch (error) {
          options.onError(error instanceof Error ? error : new Error(String(error)))
        }
      }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(impatience)
      sockets.delete(socket)
      if (!application) return
      members.splice(members.indexOf(application), 1)
      options.onGone(application)
    })
  }

  const server = net.createServer(accept)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: options.host, port: options.port, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', options.onError)
  const bound = server.address()

  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    applications: members,
    pick(verb) {
      const willing = members.filter((member) => member.connected && member.verbs.has(verb))
      if (willing.length === 0) return undefined
      const next = (turn.get(verb) ?? -1) + 1
      turn.set(verb, next % willing.length)
      return willing[next % willing.length]
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
