import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../database/db.js'
import { callEvents, calls, tombstones } from '../database/schema.js'
import type { CallEvent } from '../shapes/call-event.js'
import { cleanJson } from './clean.js'
import { applyCallEvent, type CallState, emptyCallState, foldCallEvents } from './state.js'
import { callStatus } from './view.js'

export interface StoredEvents {
  /** Those that were new. */
  inserted: CallEvent[]
  /** Recordings of calls that have been deleted: theirs to delete, too. */
  orphanArtifacts: string[]
}

/** Serialises all writers of these calls until the transaction ends; in one order, so that two never wait in a ring. */
export async function lockCalls(tx: Db, ids: readonly string[]): Promise<void> {
  const sorted = JSON.stringify([...ids].sort())
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(id, 0)) from json_array_elements_text(${sorted}::json) as calls(id)`,
  )
}

/**
 * Stores events, each `(call_id, seq)` once, and folds them into their calls' rows, in one transaction. The number of
 * queries does not depend on that of calls and events, but for calls whose events came out of order.
 */
export async function storeCallEvents(db: Db, events: readonly CallEvent[]): Promise<StoredEvents> {
  const clean = events.map((event) => cleanJson({ ...event, time: Math.round(event.time) }))
  const ids = [...new Set(clean.map(({ call_id }) => call_id))]
  if (ids.length === 0) return { inserted: [], orphanArtifacts: [] }
  return db.transaction(async (tx) => {
    await lockCalls(tx, ids)
    const graves = await tx
      .select({ id: tombstones.id })
      .from(tombstones)
      .where(and(eq(tombstones.kind, 'call'), inArray(tombstones.id, ids)))
    const deleted = new Set(graves.map(({ id }) => id))
    const late = clean.filter(({ call_id }) => deleted.has(call_id))
    const orphanArtifacts = late.flatMap(({ event }) => (event.type === 'recording.ready' ? [event.artifact] : []))
    const inserted = await insertEvents(
      tx,
      clean.filter(({ call_id }) => !deleted.has(call_id)),
    )
    await foldInto(tx, inserted)
    return { inserted, orphanArtifacts }
  })
}

/** Inserts those that are not there yet and returns them, each call's in order. */
async function insertEvents(tx: Db, events: readonly CallEvent[]): Promise<CallEvent[]> {
  if (events.length === 0) return []
  const keyOf = (callId: string, seq: number): string => `${seq} ${callId}`
  const rows = await tx
    .insert(callEvents)
    .values(events.map(({ call_id, seq, time, event }) => ({ callId: call_id, seq, time, body: event })))
    .onConflictDoNothing()
    .returning({ callId: callEvents.callId, seq: callEvents.seq })
  const byKey = new Map(events.map((event) => [keyOf(event.call_id, event.seq), event]))
  const inserted = rows.flatMap(({ callId, seq }) => byKey.get(keyOf(callId, seq)) ?? [])
  return inserted.sort((a, b) => a.seq - b.seq)
}

/** Brings the rows of the calls that these new events belong to up to date. */
async function foldInto(tx: Db, inserted: readonly CallEvent[]): Promise<void> {
  const byCall = new Map<string, CallEvent[]>()
  for (const event of inserted) byCall.set(event.call_id, [...(byCall.get(event.call_id) ?? []), event])
  if (byCall.size === 0) return
  const found = await tx
    .select()
    .from(calls)
    .where(inArray(calls.id, [...byCall.keys()]))
  const known = new Map(found.map((row) => [row.id, row]))
  const rows: (typeof calls.$inferInsert)[] = []
  for (const [id, events] of byCall) {
    const row = known.get(id)
    const next = (row?.lastSeq ?? -1) + 1
    const follows = events.every(({ seq }, at) => seq === next + at)
    // Events that come out of order (two readers, a late repeat) are folded again from the first on.
    const first = events[0]?.time ?? 0
    const state = follows ? events.reduce(applyCallEvent, row?.state ?? emptyCallState(first)) : await refold(tx, id)
    if (state) rows.push({ id, ...columnsOf(state, Math.max(events.at(-1)?.seq ?? 0, row?.lastSeq ?? 0)) })
  }
  await tx
    .insert(calls)
    .values(rows)
    .onConflictDoUpdate({
      target: calls.id,
      set: {
        agentId: sql`excluded.agent_id`,
        agentName: sql`excluded.agent_name`,
        status: sql`excluded.status`,
        startedAt: sql`excluded.started_at`,
        endedAt: sql`excluded.ended_at`,
        lastSeq: sql`excluded.last_seq`,
        state: sql`excluded.state`,
      },
    })
}

async function refold(tx: Db, callId: string): Promise<CallState | null> {
  const rows = await tx.select().from(callEvents).where(eq(callEvents.callId, callId)).orderBy(asc(callEvents.seq))
  return foldCallEvents(rows.map(({ seq, time, body }) => ({ call_id: callId, seq, time, event: body })))
}

function columnsOf(state: CallState, lastSeq: number) {
  return {
    agentId: state.started?.agent_id ?? '',
    agentName: state.started?.agent_name ?? '',
    status: callStatus(state),
    startedAt: state.started_at,
    endedAt: state.ended_at,
    lastSeq,
    state,
  }
}
