import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TransportName } from '../sip/transport.js'
import type { Codec } from '../wire/g711.js'
import { readWav, type Wav, writeWav } from '../wire/wav.js'

export interface BaresipOptions {
  sipPort: number
  /** The agent: user part of the URI that is called. Default `demo`. */
  user?: string
  transport: TransportName
  codec: Codec
  /** What the phone says, 8 kHz; the call ends where it ends. */
  audio: Int16Array
  /** Limit for the whole run. */
  timeoutMs: number
}

export interface BaresipResult {
  /** What the phone heard, and what it said, as it recorded them. */
  heard: Wav
  said: Wav
  log: string
}

const MODULES = ['g711', 'aufile', 'aubridge', 'sndfile']
const MODULE_FOLDER = '/usr/lib/baresip/modules'

/** Calls an agent with baresip, plays a track and records both directions; rejects where it is not installed. */
export async function runBaresip(options: BaresipOptions): Promise<BaresipResult> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-baresip-'))
  try {
    await mkdir(join(folder, 'recorded'))
    await writeFile(join(folder, 'audio.wav'), writeWav({ rateHz: 8000, channels: [options.audio] }))
    const localPort = await freeUdpPort()
    await writeFile(join(folder, 'config'), config(folder, localPort))
    await writeFile(join(folder, 'accounts'), account(localPort, options))
    await writeFile(join(folder, 'contacts'), '')
    const log = await run(folder, options)
    const files = await readdir(join(folder, 'recorded'))
    const recorded = async (direction: 'dec' | 'enc') => {
      const file = files.find((name) => name.endsWith(`-${direction}.wav`))
      if (!file) throw new Error(`baresip recorded no call:\n${log}`)
      return readWav(await readFile(join(folder, 'recorded', file)))
    }
    return { heard: await recorded('dec'), said: await recorded('enc'), log }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function config(folder: string, localPort: number): string {
  return [
    'poll_method epoll',
    `sip_listen 127.0.0.1:${localPort}`,
    'net_interface 127.0.0.1',
    'call_local_timeout 120',
    'call_max_calls 4',
    `audio_source aufile,${join(folder, 'audio.wav')}`,
    'audio_player aubridge,nil',
    'audio_alert aubridge,nil',
    'ausrc_srate 8000',
    'auplay_srate 8000',
    'ausrc_channels 1',
    'auplay_channels 1',
    'audio_level no',
    'rtp_tos 0',
    'rtp_stats no',
    `snd_path ${join(folder, 'recorded')}`,
    `module_path ${MODULE_FOLDER}`,
    ...MODULES.map((name) => `module ${name}.so`),
    'module_app account.so',
    'module_app menu.so',
    '',
  ].join('\n')
}

function account(localPort: number, { transport, codec }: BaresipOptions): string {
  return `<sip:baresip@127.0.0.1:${localPort};transport=${transport}>;regint=0;audio_codecs=${codec}/8000/1;answermode=manual\n`
}

async function run(folder: string, { sipPort, user = 'demo', timeoutMs }: BaresipOptions): Promise<string> {
  // The account's transport parameter is added by baresip.
  const uri = `sip:${user}@127.0.0.1:${sipPort}`
  const child = spawn('baresip', ['-4', '-f', folder, '-e', `d ${uri}`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  return await new Promise((resolve, reject) => {
    const limit = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    const read = (text: Buffer) => {
      log = (log + text.toString()).slice(-20_000)
      if (/session closed|Call (terminated|ended)|terminated \(duration/i.test(text.toString())) child.kill('SIGTERM')
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('error', (error) => {
      clearTimeout(limit)
      reject(new Error(`cannot run baresip (${error.message}); Debian has it as baresip-core`))
    })
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      if (signal === 'SIGKILL') reject(new Error(`baresip did not end within ${timeoutMs} ms:\n${log}`))
      else if (code !== 0) reject(new Error(`baresip ended with ${code}:\n${log}`))
      else resolve(log)
    })
  })
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}
