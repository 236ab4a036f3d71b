import { splitText } from '@hotline/conversation'
import type { AgentSettings } from '@hotline/storage'

/**
 * What an agent says word for word in many calls, clause by clause as it is synthesised; the excuse first, since it is
 * needed when nothing can be made.
 */
export function fixedPhrases(agent: AgentSettings): string[] {
  const { failures, greeting, no_input: noInput, limits } = agent
  const cut = [...(greeting ? [greeting] : []), ...noInput.reprompts, noInput.goodbye, limits.max_call_goodbye]
  // The engine asks for the excuse in one piece.
  return [failures.excuse, ...cut.flatMap(splitText)]
}
