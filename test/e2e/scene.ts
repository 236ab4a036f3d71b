import { inject } from 'vitest'
import type { Caller } from '../src/caller/caller.js'
import { type DialOptions, dial } from '../src/caller/dial.js'
import { createApi } from '../src/platform/api.js'
import { type Capture, startCapture } from '../src/wire/tcpdump.js'

/** The platform of this run and a client of its API. */
export const platform = inject('platform')
export const api = createApi(platform.httpUrl)

/** Nothing happens by itself within a test's call. */
const PATIENT = { timeout_ms: 120_000 }

/** Room for a busy machine with two cores: how fast an answer comes is the benches' matter. */
export const UNHURRIED = { asr_final_ms: 5000, llm_first_token_ms: 8000, tts_stall_ms: 8000 }

let made = 0

/** Creates an agent of its own for a test: short answers, the same each time, recorded; gives its name. */
export function createAgent(purpose: string, overrides: Record<string, unknown> = {}): Promise<string> {
  made += 1
  return api.createAgent({
    name: `${purpose}-${process.pid}-${made}`,
    instructions: 'You answer the telephone of the restaurant Bella Vista. Answer in one short, plain sentence.',
    greeting: 'Hello, this is Bella Vista. How can I help you?',
    generation: { temperature: 0, max_tokens: 20 },
    no_input: PATIENT,
    failures: UNHURRIED,
    recording: true,
    ...overrides,
  })
}

/** Calls an agent, runs the script and hangs up, whatever happens. */
export async function withCaller<Result>(
  options: Omit<DialOptions, 'sipPort'>,
  script: (caller: Caller) => Promise<Result>,
): Promise<Result> {
  const caller = await dial({ sipPort: platform.sipPort, ...options })
  try {
    return await script(caller)
  } finally {
    await caller.close()
  }
}

/** Captures the platform's RTP while something runs. */
export async function captured<Result>(
  what: () => Promise<Result>,
): Promise<{ result: Result; capture: Awaited<ReturnType<Capture['stop']>> }> {
  const running = await startCapture(platform.rtpPorts.min, platform.rtpPorts.max)
  try {
    const result = await what()
    return { result, capture: await running.stop() }
  } catch (error) {
    await running.stop()
    throw error
  }
}
