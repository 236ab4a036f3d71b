import { z } from 'zod'
import { AgentInput, type AgentSettings } from './agent.js'

type Plain = { [key: string]: unknown }
type PatchOf<T> = { [K in keyof T]?: NonNullable<T[K]> extends Plain ? PatchOf<NonNullable<T[K]>> : T[K] }

/** A part of an agent: what is there replaces, what is not stays. Lists and `metadata` are replaced whole. */
export type AgentPatch = PatchOf<Omit<AgentSettings, 'metadata'>> & { metadata?: AgentSettings['metadata'] }

/** The same schema without defaults, with every field optional at every depth. */
function partially(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return partially(schema.unwrap())
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, z.ZodType> = {}
    for (const [key, value] of Object.entries(schema.shape)) shape[key] = partially(value).optional()
    return z.strictObject(shape)
  }
  return schema as z.ZodType
}

/** What people send to change an agent. */
export const AgentPatch = partially(AgentInput) as z.ZodType<AgentPatch>

/** The settings after the change, checked as a whole. */
export function applyAgentPatch(settings: AgentSettings, patch: AgentPatch): AgentSettings {
  return AgentInput.parse(merge(settings, patch))
}

function merge(into: Plain, patch: Plain): Plain {
  const out: Plain = { ...into }
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue
    const old = out[key]
    out[key] = key !== 'metadata' && isPlain(value) && isPlain(old) ? merge(old, value) : value
  }
  return out
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
