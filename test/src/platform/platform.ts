import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { freePorts, isFree } from './ports.js'
import { familyOf, survivors } from './process-table.js'

/** Where a running platform is found. */
export interface PlatformInfo {
  httpUrl: string
  sipPort: number
  rtpPorts: { min: number; max: number }
  /** Internal doors of the processes. */
  mediaUrl: string
  llmUrl: string
  speechUrl: string
  /** Process ids by name: redis, llm, speech, api, signaling, media. */
  pids: Record<string, number>
  logFile: string
}

/** A platform that this process started. */
export interface Platform extends PlatformInfo {
  pid: number
  /** How long it took to the `ready` line. */
  readyMs: number
  /** Ends it as Ctrl-C would; rejects where a process or a port is left. */
  stop(): Promise<void>
}

const READY_LIMIT_MS = 540_000
const STOP_LIMIT_MS = 45_000
const root = fileURLToPath(new URL(import.meta.url.includes('/dist/') ? '../../../..' : '../../..', import.meta.url))

/** Starts everything as a user would, on free ports, with its data in a temporary folder, and waits for `ready`. */
export async function startPlatform(environment: Record<string, string> = {}): Promise<Platform> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-e2e-'))
  const logFile = join(folder, 'platform.log')
  const stateFile = join(folder, 'state.json')
  const [http = 0, sip = 0, media = 0, llm = 0, speech = 0, drachtio = 0] = await freePorts(6)
  // A window of its own, so that a capture shows no call of another platform on this machine.
  const firstRtpPort = 20_000 + (process.pid % 8) * 1000
  const rtpPorts = { min: firstRtpPort, max: firstRtpPort + 999 }
  const began = performance.now()
  const child = spawn(process.execPath, ['setup/bootstrap.mjs', 'start'], {
    cwd: root,
    env: {
      ...process.env,
      HOTLINE_DATA: join(folder, 'data'),
      HOTLINE_PORT: String(http),
      HOTLINE_SIP_PORT: String(sip),
      HOTLINE_MEDIA_PORT: String(media),
      HOTLINE_LLM_PORT: String(llm),
      HOTLINE_SPEECH_PORT: String(speech),
      HOTLINE_DRACHTIO_PORT: String(drachtio),
      HOTLINE_RTP_PORTS: `${rtpPorts.min}-${rtpPorts.max}`,
      HOTLINE_STATE_FILE: stateFile,
      // A test that failed may have left a call: it is not waited for.
      HOTLINE_DRAIN_MS: '2000',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream(logFile)
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  await readyLine(child.stdout, ended, logFile).catch(async (error: unknown) => {
    child.kill('SIGTERM')
    await Promise.race([ended, sleep(STOP_LIMIT_MS)])
    throw error
  })
  const state: { pids: Record<string, number> } = JSON.parse(await readFile(stateFile, 'utf8'))

  async function stop(): Promise<void> {
    const family = familyOf(child.pid ?? 0)
    child.kill('SIGTERM')
    const code = await Promise.race([ended, sleep(STOP_LIMIT_MS).then(() => 'late' as const)])
    log.end()
    const left = survivors(family).map(({ pid, command }) => `${pid} ${command}`)
    for (const { pid } of survivors(family)) process.kill(pid, 'SIGKILL')
    if (code === 'late' || left.length > 0)
      throw new Error(`the platform left processes (${code}):\n${left.join('\n')}`)
    if (code !== 0) throw new Error(`the platform ended with ${code} on SIGTERM; see ${logFile}`)
    for (const port of [http, sip, media, llm, speech, drachtio]) {
      if (!(await isFree(port))) throw new Error(`port ${port} is still taken after the platform's end`)
    }
    await rm(folder, { recursive: true, force: true })
  }

  return {
    pid: child.pid ?? 0,
    httpUrl: `http://127.0.0.1:${http}`,
    sipPort: sip,
    rtpPorts,
    mediaUrl: `http://127.0.0.1:${media}`,
    llmUrl: `http://127.0.0.1:${llm}`,
    speechUrl: `http://127.0.0.1:${speech}`,
    pids: state.pids,
    logFile,
    readyMs: Math.round(performance.now() - began),
    stop,
  }
}

function readyLine(output: NodeJS.ReadableStream, ended: Promise<number | null>, logFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => void fail(`not ready after ${READY_LIMIT_MS / 1000} s`), READY_LIMIT_MS)
    let text = ''
    async function fail(why: string): Promise<void> {
      clearTimeout(limit)
      const log = await readFile(logFile, 'utf8').catch(() => '')
      reject(new Error(`the platform did not start: ${why}\n${log.slice(-8000)}`))
    }
    void ended.then((code) => fail(`it ended with ${code}`))
    output.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-8000)
      // The line may be coloured or follow a progress line that is drawn over.
      if (!/^\s*ready\b/m.test(stripVTControlCharacters(text).replaceAll('\r', '\n'))) return
      clearTimeout(limit)
      resolve()
    })
  })
}
