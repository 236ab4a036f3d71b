import type { AgentSettings } from '@hotline/storage'

/** What an agent says word for word in many calls; the excuse first, since it is needed when nothing can be made. */
export function fixedPhrases(agent: AgentSettings): string[] {
  const { failures, greeting, no_input: noInput, limits } = agent
  return [
    failures.excuse,
    ...(greeting ? [greeting] : []),
    ...noInput.reprompts,
    noInput.goodbye,
    limits.max_call_goodbye,
  ]
}
