import { spawn } from 'node:child_process'
import { type CapturedDatagram, readPcap } from './pcap.js'

/** A running capture of the loopback interface. */
export interface Capture {
  /** Ends the capture and gives what it saw. */
  stop(): Promise<CapturedDatagram[]>
}

const START_LIMIT_MS = 10_000
const STOP_LIMIT_MS = 10_000

/**
 * Captures UDP on the loopback interface, any of the ports `minPort` to `maxPort` at either end. Resolves when tcpdump
 * listens; rejects with what to do where it is not installed or may not capture.
 */
export function startCapture(minPort: number, maxPort: number): Promise<Capture> {
  const args = ['-i', 'lo', '-n', '-U', '--immediate-mode', '-B', '8192', '-s', '0', '-w', '-']
  const child = spawn('tcpdump', [...args, `udp portrange ${minPort}-${maxPort}`])
  const chunks: Buffer[] = []
  let messages = ''
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(limit)
      child.kill('SIGKILL')
      reject(new Error(`cannot capture RTP: ${why}. Install tcpdump and run as root, or give it cap_net_raw.`))
    }
    const limit = setTimeout(() => fail('tcpdump does not begin to listen'), START_LIMIT_MS)
    child.on('error', (error) => fail(error.message))
    child.on('exit', (code) => fail(`tcpdump ended with ${code}: ${messages.trim()}`))
    child.stderr.on('data', (text: Buffer) => {
      messages += text.toString()
      if (!messages.includes('listening on')) return
      clearTimeout(limit)
      child.removeAllListeners('exit')
      resolve({ stop: () => stop() })
    })
    async function stop(): Promise<CapturedDatagram[]> {
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      child.kill('SIGINT')
      await ended
      clearTimeout(kill)
      return readPcap(Buffer.concat(chunks))
    }
  })
}
