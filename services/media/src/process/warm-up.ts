import type { Log } from '@hotline/observability'
import type { AgentDirectory } from '../door/agent-directory.js'
import type { PhraseWarmer } from '../speaking/phrase-warmer.js'

const RETRY_MS = 500

export interface WarmUp {
  /** True once the agents that exist have been read and their phrases made. */
  readonly done: boolean
  stop(): void
}

/** Before the first call: learn the agents and make their phrases, so that the first greeting is as quick as the next. */
export function startWarmUp(parts: { agents: AgentDirectory; warmer: PhraseWarmer; log: Log }): WarmUp {
  let done = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const attempt = async (): Promise<void> => {
    const agents = await parts.agents.list()
    const made = agents && (await Promise.all(agents.map((agent) => parts.warmer.warm(agent))))
    if (made?.every(Boolean)) {
      done = true
      parts.log.info({ agents: made.length }, 'agents are ready')
    } else if (!stopped) timer = setTimeout(() => void attempt(), RETRY_MS)
  }
  void attempt()
  return {
    get done() {
      return done
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
