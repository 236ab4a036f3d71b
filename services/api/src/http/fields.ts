import { z } from 'zod'
import { ApiError } from '../errors/api-error.js'

/** Which parts of an object to answer with: all of it, or these keys of it. */
export type FieldMask = true | Map<string, FieldMask>

const MAX_FIELDS = 100

/** The schema of what a value holds under `key`; null when it holds no such key. Looks through lists and null. */
function child(schema: z.core.$ZodType, key: string): z.core.$ZodType | null {
  if (schema instanceof z.ZodObject)
    return Object.hasOwn(schema.shape, key) ? ((schema.shape[key] as z.core.$ZodType | undefined) ?? null) : null
  if (schema instanceof z.ZodArray) return child(schema.element, key)
  if (schema instanceof z.ZodRecord) return schema.valueType
  if (
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return child(schema.unwrap(), key)
  }
  return null
}

/** Reads `id,turns.latency_ms` for objects of this schema. @throws ApiError `unknown_field` */
export function parseFields(text: string, schema: z.core.$ZodType): FieldMask {
  const mask = new Map<string, FieldMask>()
  const names = text.split(',').map((name) => name.trim())
  if (names.length > MAX_FIELDS) throw new ApiError('invalid_value', { param: 'fields', message: 'Too many fields.' })
  for (const name of names) {
    let at: FieldMask = mask
    let within: z.core.$ZodType = schema
    const parts = name.split('.')
    for (const [depth, part] of parts.entries()) {
      const next = child(within, part)
      if (!next) throw new ApiError('unknown_field', { param: 'fields', message: `Unknown field: '${name}'.` })
      within = next
      if (at === true) break
      const old: FieldMask | undefined = at.get(part)
      const made: FieldMask = depth === parts.length - 1 ? true : (old ?? new Map<string, FieldMask>())
      at.set(part, made)
      at = made
    }
  }
  return mask
}

/**
 * The asked parts of a value, lists element by element. The result is typed as the whole, which is what it is without a
 * mask; callers only serialise it.
 */
export function pickFields<T>(value: T, mask: FieldMask): T {
  return pick(value, mask) as T
}

function pick(value: unknown, mask: FieldMask): unknown {
  if (mask === true || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item) => pick(item, mask))
  const source = value as Record<string, unknown>
  const out: Record<string, unknown> = {}
  for (const [key, inner] of mask) if (key in source) out[key] = pick(source[key], inner)
  return out
}
