import type { Socket } from 'node:dgram'

/**
 * Sends without waiting and never throws; a datagram that cannot be sent is lost, as any may be. There is no callback
 * because Node would spend a turn of its queue on each; the port pool's sockets swallow their errors.
 */
export function sendDatagram(socket: Socket, bytes: Uint8Array, address: string, port: number): void {
  try {
    socket.send(bytes, port, address)
  } catch {
    // The socket was closed under us or the address family does not fit: nothing to repair in mid-call.
  }
}
