import type { Page } from '@hotline/storage'
import { z } from 'zod'
import { parseFields, pickFields } from './fields.js'

/** The query of every list and what all of them share. */
export const ListQuery = z.strictObject({
  after: z.string().max(256).optional().describe('Id of the last item of the page before.'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc').describe('By creation; "desc" is newest first.'),
  fields: z.string().max(4000).optional().describe('Only these fields: `id,turns.latency_ms`.'),
})

export const FieldsQuery = ListQuery.pick({ fields: true })

/** OpenAI's list body. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
}

/** A page as OpenAI's list body, its items cut down to `fields`. @throws ApiError `unknown_field` */
export function listBody<T extends { id: string }>(page: Page<T>, schema: z.ZodType, fields: string | undefined) {
  const mask = fields === undefined ? true : parseFields(fields, schema)
  return {
    object: 'list' as const,
    data: page.items.map((item) => pickFields(item, mask)),
    first_id: page.items[0]?.id ?? null,
    last_id: page.items.at(-1)?.id ?? null,
    has_more: page.hasMore,
  }
}

/** One item cut down to `fields`. @throws ApiError `unknown_field` */
export function itemBody<T>(item: T, schema: z.ZodType, fields: string | undefined): T {
  return fields === undefined ? item : pickFields(item, parseFields(fields, schema))
}
