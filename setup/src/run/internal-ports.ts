import { findFreePort } from './ports.js'
import { wholeNumber } from './settings.js'

/** Ports on loopback by which the processes reach each other. */
export interface InternalPorts {
  readonly redis: number
  readonly llm: number
  readonly llmHealth: number
  readonly speech: number
  readonly media: number
  readonly drachtio: number
}

const VARIABLES: Readonly<Record<keyof InternalPorts, string>> = {
  redis: 'HOTLINE_REDIS_PORT',
  llm: 'HOTLINE_LLM_PORT',
  llmHealth: 'HOTLINE_LLM_HEALTH_PORT',
  speech: 'HOTLINE_SPEECH_PORT',
  media: 'HOTLINE_MEDIA_PORT',
  drachtio: 'HOTLINE_DRACHTIO_PORT',
}

/** Chooses a free port for each, or takes what the environment says. Also answers which were said, for a check. */
export async function chooseInternalPorts(
  env: NodeJS.ProcessEnv,
): Promise<{ ports: InternalPorts; given: { port: number; variable: string; purpose: string }[] }> {
  const taken = new Set<number>()
  const given: { port: number; variable: string; purpose: string }[] = []
  const choose = async (name: keyof InternalPorts) => {
    const variable = VARIABLES[name]
    const text = env[variable]?.trim() || undefined
    const port = text ? wholeNumber(variable, text, 0, 1, 65_535) : await findFreePort(taken)
    if (text) given.push({ port, variable, purpose: `the ${name} process` })
    taken.add(port)
    return port
  }
  const ports = {
    redis: await choose('redis'),
    llm: await choose('llm'),
    llmHealth: await choose('llmHealth'),
    speech: await choose('speech'),
    media: await choose('media'),
    drachtio: await choose('drachtio'),
  }
  return { ports, given }
}
