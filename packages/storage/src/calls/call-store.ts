import { and, asc, count, desc, eq, gt, lt, or, type SQL } from 'drizzle-orm'
import type { Db } from '../database/db.js'
import { ordinalOfDeleted, type Page, type PageOptions, toPage } from '../database/page.js'
import { callEvents, calls, tombstones } from '../database/schema.js'
import type { Call, CallStatus } from '../shapes/call.js'
import type { CallEvent } from '../shapes/call-event.js'
import { lockCalls, type StoredEvents, storeCallEvents } from './store-events.js'
import { viewCall } from './view.js'

export interface CallListOptions extends PageOptions {
  /** An agent's id or name. */
  agent?: string | undefined
  status?: CallStatus | undefined
}

/** Calls as their events tell them. */
export interface CallStore {
  /** Stores events, each once, and brings their calls up to date, all or nothing. */
  store(events: readonly CallEvent[]): Promise<StoredEvents>
  get(id: string): Promise<Call | null>
  /** Newest first unless told otherwise. @throws UnknownCursorError */
  list(options: CallListOptions): Promise<Page<Call>>
  /** A call's events with `seq` above `afterSeq`, in order. */
  events(id: string, afterSeq: number, limit: number): Promise<CallEvent[]>
  /** The key of the call's recording; null while there is none. */
  recordingKey(id: string): Promise<string | null>
  /** Removes a call and everything in it; late events of it are ignored from then on. False when there was none. */
  remove(id: string): Promise<boolean>
  /** Ids of calls that ended before this time, oldest first. */
  endedBefore(unixMs: number, limit: number): Promise<string[]>
  countInProgress(): Promise<number>
}

export function createCallStore(db: Db): CallStore {
  async function ordinalOf(id: string): Promise<number> {
    const [row] = await db.select({ ordinal: calls.ordinal }).from(calls).where(eq(calls.id, id))
    return row?.ordinal ?? ordinalOfDeleted(db, 'call', id)
  }

  return {
    store: (events) => storeCallEvents(db, events),

    async get(id) {
      const [row] = await db.select({ state: calls.state }).from(calls).where(eq(calls.id, id))
      return row ? viewCall(id, row.state) : null
    },

    async list({ after, limit, order = 'desc', agent, status }) {
      const where: (SQL | undefined)[] = []
      if (after !== undefined) {
        const ordinal = await ordinalOf(after)
        where.push(order === 'desc' ? lt(calls.ordinal, ordinal) : gt(calls.ordinal, ordinal))
      }
      if (agent !== undefined) where.push(or(eq(calls.agentId, agent), eq(calls.agentName, agent)))
      if (status !== undefined) where.push(eq(calls.status, status))
      const rows = await db
        .select({ id: calls.id, state: calls.state })
        .from(calls)
        .where(and(...where))
        .orderBy(order === 'desc' ? desc(calls.ordinal) : asc(calls.ordinal))
        .limit(limit + 1)
      return toPage(rows, limit, ({ id, state }) => viewCall(id, state))
    },

    async events(id, afterSeq, limit) {
      const rows = await db
        .select()
        .from(callEvents)
        .where(and(eq(callEvents.callId, id), gt(callEvents.seq, afterSeq)))
        .orderBy(asc(callEvents.seq))
        .limit(limit)
      return rows.map(({ callId, seq, time, body }) => ({ call_id: callId, seq, time, event: body }))
    },

    async recordingKey(id) {
      const [row] = await db.select({ state: calls.state }).from(calls).where(eq(calls.id, id))
      return row?.state.recording?.artifact ?? null
    },

    async remove(id) {
      return db.transaction(async (tx) => {
        await lockCalls(tx, [id])
        const [row] = await tx.delete(calls).where(eq(calls.id, id)).returning({ ordinal: calls.ordinal })
        if (!row) return false
        await tx.delete(callEvents).where(eq(callEvents.callId, id))
        await tx
          .insert(tombstones)
          .values({ kind: 'call', id, ordinal: row.ordinal, deletedAt: Date.now() })
          .onConflictDoNothing()
        return true
      })
    },

    async endedBefore(unixMs, limit) {
      const rows = await db
        .select({ id: calls.id })
        .from(calls)
        .where(lt(calls.endedAt, unixMs))
        .orderBy(asc(calls.endedAt))
        .limit(limit)
      return rows.map(({ id }) => id)
    },

    async countInProgress() {
      const [row] = await db.select({ n: count() }).from(calls).where(eq(calls.status, 'in_progress'))
      return row?.n ?? 0
    },
  }
}
