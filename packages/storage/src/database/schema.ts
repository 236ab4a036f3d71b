import { bigint, bigserial, integer, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { CallState } from '../calls/state.js'
import type { AgentSettings } from '../shapes/agent.js'
import type { CallEventBody } from '../shapes/call-event.js'

// The tables as ../../migrations/*.sql make them. Times in Unix ms. `ordinal` orders a list as rows came in.

const ms = (name: string) => bigint(name, { mode: 'number' })

export const agents = pgTable('agents', {
  id: text('id').primaryKey(),
  ordinal: bigserial('ordinal', { mode: 'number' }),
  name: text('name').notNull(),
  settings: json('settings').$type<AgentSettings>().notNull(),
  version: integer('version').notNull().default(1),
  createdAt: ms('created_at').notNull(),
  updatedAt: ms('updated_at').notNull(),
})

export const calls = pgTable('calls', {
  id: text('id').primaryKey(),
  ordinal: bigserial('ordinal', { mode: 'number' }),
  agentId: text('agent_id').notNull(),
  agentName: text('agent_name').notNull(),
  status: text('status').notNull(),
  startedAt: ms('started_at').notNull(),
  endedAt: ms('ended_at'),
  lastSeq: integer('last_seq').notNull(),
  state: json('state').$type<CallState>().notNull(),
})

export const callEvents = pgTable(
  'call_events',
  {
    callId: text('call_id').notNull(),
    seq: integer('seq').notNull(),
    time: ms('time').notNull(),
    body: json('body').$type<CallEventBody>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.callId, table.seq] })],
)

export const tombstones = pgTable(
  'tombstones',
  {
    kind: text('kind').notNull(),
    id: text('id').notNull(),
    ordinal: bigint('ordinal', { mode: 'number' }).notNull(),
    deletedAt: ms('deleted_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.id] })],
)

export const markers = pgTable('markers', {
  name: text('name').primaryKey(),
  createdAt: ms('created_at').notNull(),
})
