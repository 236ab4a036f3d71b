import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Usage, watchUsage } from '../src/bench/process-usage.js'
import { table, writeReport } from '../src/bench/report.js'
import { percentile } from '../src/bench/statistics.js'
import { runSipp } from '../src/peers/sipp.js'
import { freePorts } from '../src/platform/ports.js'
import { spokenClips, track } from '../src/speech/clip.js'
import { capturedCalls } from '../src/wire/call-capture.js'
import { startCapture } from '../src/wire/tcpdump.js'

const STEPS = [10, 25, 50, 75, 100, 125, 150, 175, 200, 250, 300]
const CALLS_A_SECOND = 25
const MEASURED_MS = 10_000
const SETTLE_MS = 2000
const SPACING_MS = 20
const LIMIT_MS = 5
const RTP_PORTS = { min: 20_000, max: 21_999 }
const READY_LIMIT_MS = 30_000

interface Step {
  calls: number
  packets: number
  /** Distance of the spacing of sent packets from 20 ms: median and 99th percentile, ms. */
  spacingErrorMs: { median: number; p99: number }
  /** Packets that were due and did not come, in percent. */
  missingPercent: number
  usage: Usage[]
  /** Calls that one core's worth of the media process carried. */
  callsPerCore: number
}

/**
 * G.711 calls with VAD and without models: more and more calls talk at once until the 99th percentile of the spacing
 * error of the packets that media sends, by the kernel's clock, passes 5 ms. Prints a table, writes bench-results/media.json.
 */
export async function benchMedia(): Promise<void> {
  const models = process.env.HOTLINE_MODELS
  if (!models) throw new Error('HOTLINE_MODELS must name the folder of models that set-up made')
  const folder = await mkdtemp(join(tmpdir(), 'hotline-bench-'))
  const [sip = 0, drachtio = 0, http = 0] = await freePorts(3)
  const environment = {
    ...process.env,
    HOTLINE_DATA: folder,
    HOTLINE_SIP_PORT: String(sip),
    HOTLINE_MEDIA_PORT: String(http),
    HOTLINE_RTP_PORTS: `${RTP_PORTS.min}-${RTP_PORTS.max}`,
    HOTLINE_MAX_CALLS: '1000',
    HOTLINE_ECHO: '1',
    HOTLINE_LOG_LEVEL: 'warn',
    DRACHTIO_PORT: String(drachtio),
    // Nothing is asked of these in echo mode.
    REDIS_URL: 'redis://127.0.0.1:9',
    API_URL: 'http://127.0.0.1:9',
    LLM_URL: 'http://127.0.0.1:9',
    ASR_URL: 'ws://127.0.0.1:9',
    TTS_URL: 'http://127.0.0.1:9',
  }
  const signaling = startService('signaling', environment)
  const media = startService('media', environment)
  try {
    await ready(`http://127.0.0.1:${http}/readyz`)
    const steps: Step[] = []
    for (const calls of STEPS) {
      const step = await measure(calls, sip, { media: media.pid ?? 0, signaling: signaling.pid ?? 0 })
      steps.push(step)
      print([step])
      if (step.spacingErrorMs.p99 > LIMIT_MS) break
    }
    const held = steps.filter(
      ({ spacingErrorMs, missingPercent }) => spacingErrorMs.p99 <= LIMIT_MS && missingPercent < 1,
    )
    const best = held.at(-1)
    print(steps)
    console.log(
      `\nwithin ${LIMIT_MS} ms: ${best?.calls ?? 0} calls; ${best?.callsPerCore ?? 0} calls to one core's worth of media's CPU time`,
    )
    console.log(`written to ${await writeReport('media', { limitMs: LIMIT_MS, steps, best })}`)
  } finally {
    for (const child of [media, signaling]) child.kill('SIGTERM')
    await Promise.all([media, signaling].map((child) => ended(child)))
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(calls: number, sipPort: number, pids: Record<string, number>): Promise<Step> {
  const rampMs = (calls / CALLS_A_SECOND) * 1000
  const durationMs = rampMs + SETTLE_MS + MEASURED_MS + 1000
  // Short pauses between utterances: VAD has speech to work on nearly all the time.
  const clips = spokenClips()
  const audio = track([...clips, ...clips].slice(0, 24), 200, 300).subarray(0, Math.round(durationMs * 8))
  const options = {
    scenario: 'conversation',
    sipPort,
    audio,
    durationMs,
    calls,
    rate: CALLS_A_SECOND,
    limit: calls,
    // The callers stand for other machines: what they use of this one must not delay what is measured.
    niceness: 10,
  } as const
  const load = runSipp({ ...options, timeoutMs: durationMs + rampMs + 30_000 })
  await sleep(rampMs + SETTLE_MS)
  const capture = await startCapture(RTP_PORTS.min, RTP_PORTS.max)
  const watch = watchUsage(pids)
  await sleep(MEASURED_MS)
  const usage = watch.stop()
  const seen = capturedCalls(await capture.stop(), RTP_PORTS)
  const result = await load
  if (result.failed > 0 || result.succeeded < calls)
    throw new Error(`${result.failed} of ${calls} calls failed:\n${result.log}`)
  const errors = seen.flatMap(({ agent }) =>
    agent.slice(1).map(({ atMs }, index) => Math.abs(atMs - (agent[index]?.atMs ?? 0) - SPACING_MS)),
  )
  const due = (calls * MEASURED_MS) / SPACING_MS
  const cores = usage.find(({ name }) => name === 'media')?.cores ?? Number.NaN
  const hundredth = (value: number) => Math.round(value * 100) / 100
  return {
    calls,
    packets: errors.length,
    spacingErrorMs: { median: hundredth(percentile(errors, 0.5)), p99: hundredth(percentile(errors, 0.99)) },
    missingPercent: hundredth(Math.max(0, (1 - (errors.length + seen.length) / due) * 100)),
    usage,
    callsPerCore: Math.round(calls / cores),
  }
}

function print(steps: Step[]): void {
  const rows = steps.map(({ calls, spacingErrorMs, missingPercent, usage, callsPerCore }) => {
    const media = usage.find(({ name }) => name === 'media')
    return [
      calls,
      spacingErrorMs.median,
      spacingErrorMs.p99,
      missingPercent,
      media?.cores ?? 0,
      media?.residentMb ?? 0,
      callsPerCore,
    ]
  })
  console.log(
    `\n${table(['calls', 'spacing error ms', 'p99 ms', 'missing %', 'media cores', 'MB', 'calls a core'], rows)}`,
  )
}

function startService(name: string, env: NodeJS.ProcessEnv): ChildProcess {
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  return spawn(process.execPath, [`services/${name}/dist/main.js`], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function ready(url: string): Promise<void> {
  const limit = performance.now() + READY_LIMIT_MS
  for (;;) {
    const up = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (up) return
    if (performance.now() > limit) throw new Error(`not ready after ${READY_LIMIT_MS} ms: ${url}`)
    await sleep(100)
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.on('close', () => resolve()))
}
