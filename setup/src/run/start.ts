import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Paths } from '../paths.js'
import { type Prepared, prepare } from '../prepare/prepare.js'
import { writeWhole } from '../prepare/stamp.js'
import { formatDuration } from '../progress/format.js'
import { claimData } from './data-folder.js'
import { chooseInternalPorts, type InternalPorts } from './internal-ports.js'
import { checkPortsFree, type PublicPort } from './ports.js'
import { describeProcesses, type ProcessName, type ProcessSpec } from './processes.js'
import { waitUntilReady } from './readiness.js'
import { type RunSettings, readRunSettings } from './settings.js'
import { type Supervisor, supervise } from './supervisor.js'

const say = (line: string) => console.log(`hotline  ${line}`)

/**
 * `npm start`: prepares the machine, starts one whole PoP, says `ready`, and keeps it running until the signal.
 * `only` names the processes to start when not all are wanted.
 */
export async function start(
  paths: Paths,
  env: NodeJS.ProcessEnv,
  only: readonly string[] | undefined,
  stop: AbortSignal,
  stopNow: AbortSignal,
): Promise<void> {
  const begun = Date.now() - process.uptime() * 1000
  const settings = readRunSettings(env)
  const { ports, given } = await chooseInternalPorts(env)
  await checkPortsFree([...publicPorts(settings), ...given.map((one) => internalPort(one))])
  const prepared = await prepare(paths, wantedFor(settings, env), env, stop)
  stop.throwIfAborted()
  const claim = await claimData(paths.data)
  try {
    await mkdir(join(paths.data, 'redis'), { recursive: true })
    const inputs = { paths, prepared, settings, ports, temporary: claim.temporary, env }
    const specs = describeProcesses(inputs).filter(({ name }) => !only || only.includes(name))
    await run(specs, prepared, paths, settings, ports, begun, stop, stopNow)
  } finally {
    await claim.release()
  }
}

async function run(
  specs: readonly ProcessSpec[],
  prepared: Prepared,
  paths: Paths,
  settings: RunSettings,
  ports: InternalPorts,
  begun: number,
  stop: AbortSignal,
  stopNow: AbortSignal,
): Promise<void> {
  let ready = false
  const writeState = async (supervisor: Supervisor) => {
    if (!settings.stateFile || !ready) return
    const all = { ...ports, http: settings.httpPort, sip: settings.sipPort }
    await writeWhole(settings.stateFile, JSON.stringify({ pids: supervisor.pids(), ports: all }))
  }
  const supervisor = supervise({
    specs,
    python: prepared.envs.speech.python,
    root: paths.root,
    say,
    onStart: () => void writeState(supervisor).catch((error: Error) => say(`state file: ${error.message}`)),
  })
  const ending = new Promise<void>((resolve) => {
    const end = () => {
      say('ending: calls in progress may finish; Ctrl-C again ends at once')
      void supervisor.stop().then(resolve)
    }
    if (stop.aborted) end()
    else stop.addEventListener('abort', end, { once: true })
    stopNow.addEventListener('abort', () => void supervisor.kill().then(resolve), { once: true })
  })
  const onWaiting = (names: readonly ProcessName[], ms: number) => {
    say(`starting for ${formatDuration(ms)}, still waiting for ${names.join(', ')}`)
  }
  await waitUntilReady({ specs, signal: stop, onWaiting }).then(
    async () => {
      ready = true
      await writeState(supervisor)
      console.log(readyLine(settings, Date.now() - begun))
    },
    (error: unknown) => {
      if (!stop.aborted) throw error
    },
  )
  await ending
  say('ended')
}

/** The line that says what to try next. */
export function readyLine(settings: RunSettings, tookMs: number): string {
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  const sip = `sip:demo@${host}${settings.sipPort === 5060 ? '' : `:${settings.sipPort}`}`
  return `ready  in ${formatDuration(tookMs)}: call ${sip} with any SIP phone; http://${host}:${settings.httpPort}/ shows calls and the API`
}

function wantedFor(settings: RunSettings, env: NodeJS.ProcessEnv) {
  const llm = settings.llmUrl === undefined
  return {
    llm,
    languageModel: llm && !env.LLM_MODEL,
    speech: true,
    redis: settings.redisUrl === undefined,
    dev: false,
  }
}

function publicPorts(settings: RunSettings): PublicPort[] {
  const { host, httpPort, sipPort, signaling } = settings
  const http = { port: httpPort, host, variable: 'HOTLINE_PORT', purpose: 'HTTP', protocols: ['TCP'] } as const
  const sip = { port: sipPort, host, variable: 'HOTLINE_SIP_PORT', purpose: 'SIP', protocols: ['UDP', 'TCP'] } as const
  return signaling === 'embedded' ? [http, sip] : [http]
}

function internalPort(given: { port: number; variable: string; purpose: string }): PublicPort {
  return { ...given, host: '127.0.0.1', protocols: ['TCP'] }
}
