import { Agent } from '@hotline/storage'
import { fetch } from 'undici'
import { z } from 'zod'

const AgentPage = z.object({ data: z.array(z.unknown()) })

const FRESH_MS = 2000
const FETCH_TIMEOUT_MS = 1500
const MAX_ENTRIES = 10_000

/** Why a call has no agent to answer it. */
export type AgentLookup = { found: true; agent: Agent } | { found: false; reason: 'unknown' | 'unavailable' }

export interface AgentDirectory {
  /** One agent by name or id. Asks the API at most every two seconds; while the API is away the last answer serves. */
  find(name: string): Promise<AgentLookup>
  /** The agents on the API's first page, for warming up; null when the API is away. */
  list(): Promise<Agent[] | null>
}

export function createAgentDirectory(apiUrl: string, apiKey: string | undefined): AgentDirectory {
  const cache = new Map<string, { agent: Agent; fetchedAt: number }>()
  const headers = apiKey ? { authorization: `Bearer ${apiKey}` } : {}

  const remember = (key: string, agent: Agent) => {
    cache.delete(key)
    cache.set(key, { agent, fetchedAt: Date.now() })
    const oldest = cache.keys().next().value
    if (cache.size > MAX_ENTRIES && oldest !== undefined) cache.delete(oldest)
  }

  return {
    async find(name) {
      const cached = cache.get(name)
      if (cached && Date.now() - cached.fetchedAt < FRESH_MS) return { found: true, agent: cached.agent }
      try {
        const response = await fetch(`${apiUrl}/v1/agents/${encodeURIComponent(name)}`, {
          headers,
          signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
        })
        if (response.status === 404) {
          cache.delete(name)
          await response.body?.cancel()
          return { found: false, reason: 'unknown' }
        }
        if (!response.ok) throw new Error(`the API answered ${response.status}`)
        const agent = Agent.parse(await response.json())
        remember(name, agent)
        return { found: true, agent }
      } catch {
        // A call must not fail because the control plane is away: an old definition is better than none.
        return cached ? { found: true, agent: cached.agent } : { found: false, reason: 'unavailable' }
      }
    },
    async list() {
      try {
        const response = await fetch(`${apiUrl}/v1/agents?limit=100`, {
          headers,
          signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
        })
        if (!response.ok) return null
        const agents = AgentPage.parse(await response.json()).data.flatMap((row) => {
          const parsed = Agent.safeParse(row)
          return parsed.success ? [parsed.data] : []
        })
        for (const agent of agents) remember(agent.name, agent)
        return agents
      } catch {
        return null
      }
    },
  }
}
