import { readFile } from 'node:fs/promises'
import { type Usage, watchUsage } from '../src/bench/process-usage.js'
import { table, writeReport } from '../src/bench/report.js'
import { type Summary, summary } from '../src/bench/statistics.js'
import { histogramTotals, meanBetweenMs } from '../src/bench/worker-times.js'
import { dial } from '../src/caller/dial.js'
import { type Api, type CallRecord, createApi } from '../src/platform/api.js'
import { type PlatformInfo, startPlatform } from '../src/platform/platform.js'
import { clip } from '../src/speech/clip.js'
import { capturedCalls, capturedTurns } from '../src/wire/call-capture.js'
import { startCapture } from '../src/wire/tcpdump.js'

const TURNS = 30
const QUESTIONS = [
  'opening-hours',
  'book-table',
  'vegetarian',
  'address',
  'parking',
  'dessert',
  'children',
  'credit-card',
  'sounds-good',
  'order-help',
]
const STAGES = ['endpointing', 'transcription', 'llm_first_token', 'llm_first_clause', 'tts_first_audio', 'egress']
const AGENT = {
  instructions: 'You answer the telephone of the restaurant Bella Vista. Answer in one or two short sentences.',
  greeting: 'Hello, this is Bella Vista. How can I help you?',
  generation: { temperature: 0, max_tokens: 24 },
  no_input: { timeout_ms: 120_000 },
  limits: { max_history_messages: 20 },
}

interface Scene {
  calls: number
  turns: number
  latencyOnWireMs: Summary
  latencyRecordedMs: Summary
  /** Largest distance between the two in a turn; null where the turns cannot be paired. */
  disagreementMs: number | null
  stagesMs: Record<string, Summary>
  /** Latency less endpointing, transcription, LLM and TTS stages. */
  ownShareMs: Summary
  /** Means by the workers' own clocks, beside the stages that contain them. */
  workersMs: { llmFirstToken: number; ttsFirstPiece: number; asr: number }
  usage: Usage[]
}

/**
 * Voice-to-voice latency of 30 turns in one call and 30 in two calls at once, seen on the wire and in the record, with
 * its stages, the platform's own share, and CPU and memory by process. Prints tables, writes bench-results/latency.json.
 */
export async function benchLatency(): Promise<void> {
  const running = process.env.HOTLINE_E2E_PLATFORM
  const started = running ? null : await startPlatform()
  const platform: PlatformInfo = started ?? (JSON.parse(await readFile(running ?? '', 'utf8')) as PlatformInfo)
  try {
    const one = await scene(platform, 1, TURNS)
    const two = await scene(platform, 2, TURNS / 2)
    print(one)
    print(two)
    console.log(`\nwritten to ${await writeReport('latency', { one, two })}`)
  } finally {
    await started?.stop()
  }
}

async function scene(platform: PlatformInfo, calls: number, turnsEach: number): Promise<Scene> {
  const api = createApi(platform.httpUrl)
  const capture = await startCapture(platform.rtpPorts.min, platform.rtpPorts.max)
  const usage = watchUsage(platform.pids)
  const before = await workerTotals(platform)
  const parties = await Promise.all(
    Array.from({ length: calls }, (_, index) => conversation(api, platform, index, turnsEach)),
  )
  const after = await workerTotals(platform)
  const used = usage.stop()
  const media = capturedCalls(await capture.stop(), platform.rtpPorts)

  const turns = parties.flatMap(({ record }) => record.turns.filter(({ latency_ms }) => latency_ms !== null))
  const pairs = parties.map(({ record, port }) => {
    const seen = media.find((call) => call.port === port)
    const wire = seen ? capturedTurns(seen).map(({ latencyMs }) => latencyMs) : []
    const told = record.turns.flatMap(({ latency_ms }) => latency_ms ?? [])
    return {
      wire,
      gaps: wire.length === told.length ? told.map((ms, index) => Math.abs(ms - (wire[index] ?? 0))) : null,
    }
  })
  const gaps = pairs.every(({ gaps }) => gaps) ? pairs.flatMap(({ gaps }) => gaps ?? []) : null
  const stage = (name: string) => turns.map(({ stages }) => stages?.[name] ?? 0)
  return {
    calls,
    turns: turns.length,
    latencyOnWireMs: summary(pairs.flatMap(({ wire }) => wire)),
    latencyRecordedMs: summary(turns.map(({ latency_ms }) => latency_ms ?? 0)),
    disagreementMs: gaps ? Math.round(Math.max(...gaps) * 10) / 10 : null,
    stagesMs: Object.fromEntries(STAGES.map((name) => [name, summary(stage(name))])),
    ownShareMs: summary(turns.map(ownShareMs)),
    workersMs: {
      llmFirstToken: Math.round(meanBetweenMs(before.llm, after.llm)),
      ttsFirstPiece: Math.round(meanBetweenMs(before.tts, after.tts)),
      asr: Math.round(meanBetweenMs(before.asr, after.asr)),
    },
    usage: used,
  }
}

/** One call of so many turns; resolves with its record and the platform's RTP port. */
async function conversation(
  api: Api,
  platform: PlatformInfo,
  index: number,
  turns: number,
): Promise<{ record: CallRecord; port: number }> {
  const user = await api.createAgent({ ...AGENT, name: `bench-${Date.now().toString(36)}-${index}` })
  const caller = await dial({ sipPort: platform.sipPort, user, seed: index + 1 })
  try {
    for (let turn = 0; turn < turns; turn++) {
      const { answeredMs, lastVoicedMs } = await caller.ask(
        clip(QUESTIONS[(turn + index * 3) % QUESTIONS.length] ?? 'address'),
      )
      console.log(`call ${index + 1}, turn ${turn + 1} of ${turns}: ${Math.round(answeredMs - lastVoicedMs)} ms`)
    }
    await caller.waitForAgentToFinish()
  } finally {
    await caller.close()
  }
  return { record: await api.finishedCall(user), port: caller.answer.port }
}

function ownShareMs({ latency_ms, stages }: CallRecord['turns'][number]): number {
  const explained = STAGES.filter((name) => name !== 'egress').reduce((sum, name) => sum + (stages?.[name] ?? 0), 0)
  return (latency_ms ?? 0) - explained
}

/** What the workers counted so far. */
async function workerTotals({ llmUrl, speechUrl }: PlatformInfo) {
  const [llm, speech] = await Promise.all(
    [llmUrl, speechUrl].map(async (url) => (await fetch(`${url}/metrics`)).text()),
  )
  return {
    llm: histogramTotals(llm ?? '', 'vllm:time_to_first_token_seconds'),
    tts: histogramTotals(speech ?? '', 'hotline_speech_inference_seconds', 'tts'),
    asr: histogramTotals(speech ?? '', 'hotline_speech_inference_seconds', 'asr'),
  }
}

function print(scene: Scene): void {
  const row = (name: string, { median, p95, mean, max }: Summary) => [name, median, p95, mean, max]
  console.log(`\n${scene.turns} turns, ${scene.calls === 1 ? 'one call' : `${scene.calls} calls at once`}; ms`)
  console.log(
    table(
      ['', 'median', 'p95', 'mean', 'max'],
      [
        row('voice to voice, on the wire', scene.latencyOnWireMs),
        row('voice to voice, recorded', scene.latencyRecordedMs),
        ...STAGES.map((name) => row(`  ${name}`, scene.stagesMs[name] ?? summary([]))),
        row("platform's own share", scene.ownShareMs),
      ],
    ),
  )
  console.log(`largest disagreement of wire and record: ${scene.disagreementMs ?? 'not the same turns'} ms`)
  const { llmFirstToken, ttsFirstPiece, asr } = scene.workersMs
  console.log(
    `by the workers' own clocks, mean: LLM first token ${llmFirstToken}, TTS piece ${ttsFirstPiece}, ASR pass ${asr} ms`,
  )
  console.log(
    table(
      ['process', 'cores', 'MB'],
      scene.usage.map(({ name, cores, residentMb }) => [name, cores.toFixed(2), residentMb]),
    ),
  )
}
