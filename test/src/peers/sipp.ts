import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TransportName } from '../sip/transport.js'
import { type Codec, encodeG711, PAYLOAD_TYPE } from '../wire/g711.js'

export type SippScenario = 'conversation' | 'short-call' | 'hold' | 'cancel'

export interface SippOptions {
  scenario: SippScenario
  sipPort: number
  /** The agent: user part of the request URI. Default `demo`. */
  user?: string
  transport?: TransportName
  codec?: Codec
  /** What the caller says, 8 kHz; `conversation` only. */
  audio?: Int16Array
  /** How long the scenario's pauses last. */
  durationMs: number
  /** Calls in all, calls a second, calls at once. Default: one call. */
  calls?: number
  rate?: number
  limit?: number
  /** Share of SIP packets that sipp drops, both ways, in percent. */
  lostPercent?: number
  timeoutMs: number
  /** Lets others go first, where sipp stands for callers on other machines. Default 0. */
  niceness?: number
}

export interface SippResult {
  /** 0 where every call followed the scenario. */
  code: number | null
  succeeded: number
  failed: number
  /** Screen and error log, for messages. */
  log: string
}

/** The folder of scenarios, from the sources as from the build. */
const scenarioFolder = new URL(import.meta.url.includes('/dist/') ? '../../../sip/' : '../../sip/', import.meta.url)

/** Runs a scenario of test/sip with sipp and waits for its end; rejects where sipp is not installed. */
export async function runSipp(options: SippOptions): Promise<SippResult> {
  const { transport = 'udp', codec = 'PCMU', calls = 1, rate = 1, limit = calls } = options
  const folder = await mkdtemp(join(tmpdir(), 'hotline-sipp-'))
  try {
    const scenario = await fillScenario(folder, codec, options)
    const args = [`127.0.0.1:${options.sipPort}`, '-sf', scenario, '-s', options.user ?? 'demo']
    args.push('-i', '127.0.0.1', '-mi', '127.0.0.1', '-bind_local', '-t', transport === 'udp' ? 'u1' : 't1')
    args.push('-m', String(calls), '-r', String(rate), '-l', String(limit), '-nostdin', '-timeout_error')
    args.push(
      '-timeout',
      `${Math.ceil(options.timeoutMs / 1000)}s`,
      '-trace_err',
      '-error_file',
      join(folder, 'errors.log'),
    )
    args.push('-trace_stat', '-stf', join(folder, 'stat.csv'), '-fd', '1')
    if (options.lostPercent) args.push('-lost', String(options.lostPercent))
    const { code, output } = await run(args, folder, options.timeoutMs + 10_000, options.niceness ?? 0)
    const errors = await readFile(join(folder, 'errors.log'), 'utf8').catch(() => '')
    const counts = lastCounts(await readFile(join(folder, 'stat.csv'), 'utf8').catch(() => ''))
    return { code, ...counts, log: `${output.slice(-4000)}\n${errors.slice(-4000)}` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fillScenario(
  folder: string,
  codec: Codec,
  { scenario, audio, durationMs }: SippOptions,
): Promise<string> {
  const sound = join(folder, 'audio.raw')
  await writeFile(sound, encodeG711(codec, audio ?? new Int16Array(160)))
  const values: Record<string, string> = {
    audio: sound,
    codec,
    payloadType: String(PAYLOAD_TYPE[codec]),
    durationMs: String(Math.round(durationMs)),
  }
  const template = await readFile(new URL(`${scenario}.xml`, scenarioFolder), 'utf8')
  const file = join(folder, `${scenario}.xml`)
  await writeFile(
    file,
    template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole),
  )
  return file
}

function run(
  args: string[],
  folder: string,
  limitMs: number,
  niceness: number,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('sipp', args, {
      cwd: folder,
      env: { ...process.env, TERM: 'dumb' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (text: Buffer) => {
      output = (output + text.toString()).slice(-20_000)
    }
    if (niceness > 0 && child.pid !== undefined) setPriority(child.pid, niceness)
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMs)
    child.on('error', (error) => {
      clearTimeout(limit)
      reject(new Error(`cannot run sipp (${error.message}); Debian has it as sip-tester`))
    })
    child.on('close', (code) => {
      clearTimeout(limit)
      resolve({ code, output })
    })
  })
}

/** The cumulative counts in the last row of sipp's statistics. */
function lastCounts(csv: string): { succeeded: number; failed: number } {
  const [head = '', ...rows] = csv.trim().split('\n')
  const names = head.split(';')
  const values = rows.at(-1)?.split(';') ?? []
  const count = (name: string) => Number(values[names.indexOf(name)] ?? 0)
  return { succeeded: count('SuccessfulCall(C)'), failed: count('FailedCall(C)') }
}
