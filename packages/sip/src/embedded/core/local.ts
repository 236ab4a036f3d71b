import { networkInterfaces } from 'node:os'
import { formatHost } from '../message/uri.js'
import type { Hop } from '../transport/hop.js'

/** The address to show to a peer: the one bound, or for a wildcard the loopback or first outward address. */
export function advertisedAddress(boundHost: string, peer: string): string {
  if (boundHost !== '0.0.0.0' && boundHost !== '::') return boundHost === 'localhost' ? '127.0.0.1' : boundHost
  if (peer.startsWith('127.') || peer === '::1') return peer.startsWith('127.') ? '127.0.0.1' : '::1'
  const family = boundHost === '::' && peer.includes(':') ? 'IPv6' : 'IPv4'
  for (const addresses of Object.values(networkInterfaces())) {
    for (const candidate of addresses ?? []) {
      if (!candidate.internal && candidate.family === family) return candidate.address
    }
  }
  return '127.0.0.1'
}

/** Contact value of this server for a hop. */
export function contactValue(local: { address: string; port: number }, hop: Hop): string {
  const transport = hop.proto === 'udp' ? '' : `;transport=${hop.proto}`
  return `<sip:${formatHost(local.address)}:${local.port}${transport}>`
}

/** Via value of this server for a hop and branch; asks for the port that answers should come to (RFC 3581). */
export function viaValue(local: { address: string; port: number }, hop: Hop, branch: string): string {
  return `SIP/2.0/${hop.proto.toUpperCase()} ${formatHost(local.address)}:${local.port};branch=${branch};rport`
}

/** Puts the server's address in place of the host `localhost` in a header value that an application wrote. */
export function replaceLocalhost(value: string, local: { address: string; port: number }): string {
  if (!value.includes('localhost')) return value
  const host = `${formatHost(local.address)}:${local.port}`
  return value.replace(/(sips?:(?:[^@<>;\s]*@)?)localhost(?=[;>?,\s]|$)/g, `$1${host}`)
}
