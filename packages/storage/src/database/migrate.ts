import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import type { Db } from './db.js'

const FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url))

const applied = pgTable('hotline_migrations', { version: integer('version').primaryKey() })

/** An arbitrary number that all processes agree on; one migrates, the others wait. */
const LOCK = 7_402_201

export class NewerDatabaseError extends Error {
  override name = 'NewerDatabaseError'
}

/**
 * Brings the database to this program's version: each `NNNN_name.sql` once, in order, all in one transaction.
 * @throws NewerDatabaseError when a newer program has already changed it
 */
export async function migrate(db: Db, folder = FOLDER): Promise<void> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort()
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`)
    await tx.execute(sql`create table if not exists hotline_migrations (version integer primary key)`)
    const done = new Set((await tx.select().from(applied)).map(({ version }) => version))
    const known = files.map((name) => Number.parseInt(name, 10))
    const newest = Math.max(0, ...done)
    if (newest > Math.max(0, ...known)) {
      throw new NewerDatabaseError(`the database is at version ${newest}, which is newer than this program`)
    }
    for (const name of files) {
      const version = Number.parseInt(name, 10)
      if (done.has(version)) continue
      const text = await readFile(join(folder, name), 'utf8')
      for (const statement of statements(text)) await tx.execute(sql.raw(statement))
      await tx.insert(applied).values({ version })
    }
  })
}

/** Splits a migration at the semicolons that end lines; comments go. */
export function statements(text: string): string[] {
  return text
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement.length > 0)
}
