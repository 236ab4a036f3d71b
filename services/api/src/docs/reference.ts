import { Agent, Call, CallEventBody } from '@hotline/storage'
import { z } from 'zod'
import { ERROR_CATALOGUE } from '../errors/error-catalogue.js'
import { type JsonSchema, schemaTable, typeOf } from './schema-table.js'

interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: JsonSchema
}

interface Operation {
  tags?: string[]
  summary?: string
  description?: string
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, { schema?: JsonSchema }> }
  responses?: Record<string, unknown>
}

/** What the reference is made of: an OpenAPI document's paths. */
export interface Described {
  paths?: Record<string, Record<string, Operation>>
}

const toJson = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'output' }) as JsonSchema

function parameterTable(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return ''
  const lines = parameters.map((parameter) => {
    const { schema = {} } = parameter
    const standard = schema.default === undefined ? '' : `default \`${JSON.stringify(schema.default)}\``
    const text = [parameter.description ?? schema.description ?? '', standard].filter((part) => part !== '').join('; ')
    return `| \`${parameter.name}\` | ${parameter.in} | ${typeOf(schema)} | ${text} |`
  })
  return ['| parameter | in | type | |', '|---|---|---|---|', ...lines].join('\n')
}

function operationSection(methods: readonly string[], path: string, operation: Operation): string {
  const body = operation.requestBody?.content?.['application/json']?.schema
  const answers = Object.keys(operation.responses ?? {}).join(', ')
  return [
    `### ${operation.summary ?? ''}`,
    methods.map((method) => `\`${method.toUpperCase()} ${path}\``).join(' or '),
    operation.description ?? '',
    parameterTable(operation.parameters ?? []),
    body ? `Body:\n\n${schemaTable(body)}` : '',
    `Answers: ${answers}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function operationSections(document: Described): string[] {
  const byTag = new Map<string, string[]>()
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(operations)) {
      const same = Object.keys(operations).filter((other) => operations[other]?.summary === operation.summary)
      const methods = same.filter((other) => other !== 'head')
      if (methods[0] !== method) continue
      const tag = operation.tags?.[0] ?? 'Other'
      byTag.set(tag, [...(byTag.get(tag) ?? []), operationSection(methods, path, operation)])
    }
  }
  return [...byTag].map(([tag, sections]) => [`## ${tag}`, ...sections].join('\n\n'))
}

function eventSections(): string {
  const sections = CallEventBody.options.map((option) => {
    const { type, ...properties } = toJson(option).properties ?? {}
    const table = Object.keys(properties).length > 0 ? `\n\n${schemaTable({ properties })}` : ''
    return `### \`${String(type?.const)}\`${table}`
  })
  const intro =
    'An entry is `{"call_id", "seq", "time", "event"}`: `seq` counts up by one within a call, from 0; `time` is Unix milliseconds; all `…_ms` of the event are on the call’s media clock.'
  return ['## Call events', intro, ...sections].join('\n\n')
}

function errorTable(): string {
  const lines = Object.entries(ERROR_CATALOGUE).map(
    ([code, { status, type, message }]) => `| \`${code}\` | ${status} | \`${type}\` | ${message} |`,
  )
  return [
    '## Errors',
    'Every error is `{"error": {"message", "type", "param", "code"}}`; `param` is the path of the parameter at fault. Each answer has an `x-request-id`.',
    ['| code | status | type | message |', '|---|---|---|---|', ...lines].join('\n'),
  ].join('\n\n')
}

/** The API reference as Markdown, made from the same schemas that check requests. */
export function apiReference(document: Described): string {
  const parts = [
    '# API reference',
    'Made from the schemas by `npm run docs -w services/api`; change those, not this file.',
    'With `HOTLINE_API_KEY` set, send `Authorization: Bearer KEY`; `/`, `/healthz`, `/readyz`, `/metrics` and `/openapi.json` answer without. Lists are read page by page: `after` is the `last_id` of the page before.',
    ...operationSections(document),
    `## Objects\n\n### The agent\n\n${schemaTable(toJson(Agent))}\n\n### The call\n\n${schemaTable(toJson(Call))}`,
    eventSections(),
    errorTable(),
  ]
  return `${parts.join('\n\n')}\n`
}
