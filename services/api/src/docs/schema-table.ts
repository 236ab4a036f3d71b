/** The part of JSON Schema that our documents use. */
export interface JsonSchema {
  type?: string | string[]
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minLength?: number
  maxLength?: number
  maxItems?: number
  pattern?: string
  additionalProperties?: boolean | JsonSchema
}

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``

/** Whole-number types come with the bounds of exact integers, which tell a reader nothing. */
const isTelling = (bound: number | undefined): bound is number =>
  bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER

function limits(schema: JsonSchema): string[] {
  const out: string[] = []
  if (isTelling(schema.minimum)) out.push(`≥ ${schema.minimum}`)
  if (isTelling(schema.exclusiveMinimum)) out.push(`> ${schema.exclusiveMinimum}`)
  if (isTelling(schema.maximum)) out.push(`≤ ${schema.maximum}`)
  if (isTelling(schema.maxLength)) out.push(`at most ${schema.maxLength} characters`)
  if (isTelling(schema.maxItems)) out.push(`at most ${schema.maxItems}`)
  if (schema.pattern !== undefined) out.push(`matches \`${schema.pattern.replaceAll('|', '\\|')}\``)
  return out
}

/** A schema's type in words. */
export function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const)
  if (schema.enum) return schema.enum.map(code).join(', ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map(typeOf).join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  return Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any')
}

/** An object's own schema, looked for behind lists and "or null". */
function innerObject(schema: JsonSchema): JsonSchema | null {
  if (schema.properties) return schema
  if (schema.items) return innerObject(schema.items)
  for (const choice of schema.anyOf ?? schema.oneOf ?? []) {
    const found = innerObject(choice)
    if (found) return found
  }
  return null
}

function rows(schema: JsonSchema, prefix: string): string[] {
  const required = new Set(schema.required ?? [])
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const inner = innerObject(field)
    const isList = field.type === 'array'
    const notes = [(field.description ?? '').replace(/\.$/, ''), limits(field).join(', ')]
    if (field.default !== undefined && !inner) notes.push(`default ${code(field.default)}`)
    if (required.has(name) && field.default === undefined && prefix === '') notes.push('required')
    const text = notes.filter((note) => note !== '').join('; ')
    const own = `| \`${prefix}${name}\` | ${typeOf(field)} | ${text.replaceAll('\n', ' ')} |`
    return inner ? [own, ...rows(inner, `${prefix}${name}${isList ? '[]' : ''}.`)] : [own]
  })
}

/** A Markdown table of all fields of an object, nested ones by path. */
export function schemaTable(schema: JsonSchema): string {
  const inner = innerObject(schema)
  if (!inner) return ''
  return ['| field | type | |', '|---|---|---|', ...rows(inner, '')].join('\n')
}
