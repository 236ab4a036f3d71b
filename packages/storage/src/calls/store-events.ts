import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../database/db.js'
import { callEvents, calls, tombstones } from '../database/schema.js'
import type { CallEvent } from '../shapes/call-event.js'
import { cleanJson } from './clean.js'
import { applyCallEvent, type CallState, foldCallEvents } from './state.js'
import { callStatus } from './view.js'

export interface StoredEvents {
  /** Those that were new. */
  inserted: CallEvent[]
  /** Recordings of calls that have been deleted: theirs to delete, too. */
  orphanArtifacts: string[]
}

/** Serialises all writers of these calls until the transaction ends; in one order, so that two never wait in a ring. */
export async function lockCalls(tx: Db, ids: readonly string[]): Promise<void> {
  for (const id of [...ids].sort()) await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${id}, 0))`)
}

/** Stores events, each `(call_id, seq)` once, and folds them into their calls' rows, in one transaction. */
export async function storeCallEvents(db: Db, events: readonly CallEvent[]): Promise<StoredEvents> {
  const byCall = new Map<string, CallEvent[]>()
  for (const event of events) {
    const clean = cleanJson({ ...event, time: Math.round(event.time) })
    byCall.set(event.call_id, [...(byCall.get(event.call_id) ?? []), clean])
  }
  const ids = [...byCall.keys()]
  if (ids.length === 0) return { inserted: [], orphanArtifacts: [] }
  return db.transaction(async (tx) => {
    await lockCalls(tx, ids)
    const graves = await tx
      .select({ id: tombstones.id })
      .from(tombstones)
      .where(and(eq(tombstones.kind, 'call'), inArray(tombstones.id, ids)))
    const deleted = new Set(graves.map(({ id }) => id))
    const out: StoredEvents = { inserted: [], orphanArtifacts: [] }
    for (const [callId, ofCall] of byCall) {
      if (deleted.has(callId)) {
        for (const { event } of ofCall) if (event.type === 'recording.ready') out.orphanArtifacts.push(event.artifact)
      } else {
        out.inserted.push(...(await storeOfCall(tx, callId, ofCall)))
      }
    }
    return out
  })
}

async function storeOfCall(tx: Db, callId: string, events: readonly CallEvent[]): Promise<CallEvent[]> {
  const rows = await tx
    .insert(callEvents)
    .values(events.map(({ seq, time, event }) => ({ callId, seq, time, body: event })))
    .onConflictDoNothing()
    .returning({ seq: callEvents.seq })
  const fresh = new Set(rows.map(({ seq }) => seq))
  const inserted = [...new Map(events.map((event) => [event.seq, event])).values()]
    .filter(({ seq }) => fresh.has(seq))
    .sort((a, b) => a.seq - b.seq)
  const last = inserted.at(-1)
  if (!last) return []
  const [row] = await tx.select().from(calls).where(eq(calls.id, callId))
  const follows = row !== undefined && inserted.every(({ seq }, at) => seq === row.lastSeq + 1 + at)
  // Events that come out of order (two readers, a late repeat) are folded again from the first on.
  const state = follows ? inserted.reduce(applyCallEvent, row.state) : await refold(tx, callId)
  if (!state) return inserted
  const columns = columnsOf(state, Math.max(last.seq, row?.lastSeq ?? 0))
  if (!row) await tx.insert(calls).values({ id: callId, ...columns })
  else if (state === row.state) await tx.update(calls).set({ lastSeq: columns.lastSeq }).where(eq(calls.id, callId))
  else await tx.update(calls).set(columns).where(eq(calls.id, callId))
  return inserted
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
