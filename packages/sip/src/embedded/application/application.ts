import type net from 'node:net'
import { encodeFrame, MAX_FRAME_BYTES } from './frame.js'

/** An authenticated application (a drachtio-srf) and what it asked to receive. */
export interface Application {
  readonly id: number
  readonly tags: readonly string[]
  /** Lower-case methods, and `cdr:attempt`, `cdr:start`, `cdr:stop`. */
  readonly verbs: ReadonlySet<string>
  readonly connected: boolean
  /** Writes one frame. An application that does not read is cut off rather than buffered without end. */
  send(text: string): void
}

/** Unread bytes after which an application counts as stuck. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024

/** The application behind a socket. The caller changes `verbs` as it routes. */
export function createApplication(
  id: number,
  socket: net.Socket,
  tags: readonly string[],
): Application & { readonly verbs: Set<string> } {
  let batch: string[] | undefined
  return {
    id,
    tags,
    verbs: new Set<string>(),
    get connected() {
      return !socket.destroyed && socket.writable
    },
    send(text) {
      if (socket.destroyed || !socket.writable) return
      if (socket.writableLength > MAX_QUEUED_BYTES) {
        socket.destroy()
        return
      }
      const frame = encodeFrame(text)
      if (frame.length > MAX_FRAME_BYTES) return
      // What one turn of the event loop says leaves in one write.
      if (batch) {
        batch.push(frame)
        return
      }
      batch = [frame]
      setImmediate(() => {
        const frames = batch ?? []
        batch = undefined
        if (!socket.destroyed && socket.writable) socket.write(frames.join(''))
      })
    },
  }
}
