import { and, eq } from 'drizzle-orm'
import type { Db } from './db.js'
import { tombstones } from './schema.js'

export interface PageOptions {
  /** Id of the last item of the page before. */
  after?: string | undefined
  /** 1 to 100. */
  limit: number
  /** By when rows came in; newest first unless given. */
  order?: 'asc' | 'desc' | undefined
}

export interface Page<T> {
  items: T[]
  hasMore: boolean
}

/** An `after` that names nothing that ever was there. */
export class UnknownCursorError extends Error {
  override name = 'UnknownCursorError'
}

/** Where a deleted item stood in its list; a walk goes on from there. @throws UnknownCursorError */
export async function ordinalOfDeleted(db: Db, kind: 'agent' | 'call', id: string): Promise<number> {
  const [grave] = await db
    .select({ ordinal: tombstones.ordinal })
    .from(tombstones)
    .where(and(eq(tombstones.kind, kind), eq(tombstones.id, id)))
  if (!grave) throw new UnknownCursorError(`no ${kind} with id '${id}' to continue after`)
  return grave.ordinal
}

/** Cuts the one row too many that tells whether there is more. */
export function toPage<R, T>(rows: readonly R[], limit: number, toItem: (row: R) => T): Page<T> {
  return { items: rows.slice(0, limit).map(toItem), hasMore: rows.length > limit }
}
