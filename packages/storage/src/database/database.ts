import { PGlite } from '@electric-sql/pglite'
import { sql } from 'drizzle-orm'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import pg from 'pg'
import { reasonOf, type StorageLog } from '../log.js'
import type { Db } from './db.js'
import { lockFolder } from './folder-lock.js'
import { migrate } from './migrate.js'

export interface Database {
  db: Db
  /** True when a query is answered within two seconds. */
  isUp(): Promise<boolean>
  close(): Promise<void>
}

export interface DatabaseOptions {
  log: StorageLog
  /** A Postgres server: `postgres://…`. Takes precedence over `folder`. */
  url?: string
  /** Folder of the embedded Postgres; neither this nor `url` keeps everything in memory. */
  folder?: string
}

/** Opens the database and brings it up to date. @throws FolderInUseError, NewerDatabaseError, connection errors */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const opened = options.url ? openPostgres(options.url, options.log) : await openEmbedded(options.folder)
  try {
    await migrate(opened.db)
  } catch (error) {
    await opened.close().catch(() => {})
    throw error
  }
  return {
    db: opened.db,
    close: opened.close,
    async isUp() {
      const query = opened.db.execute(sql`select 1`).then(
        () => true,
        () => false,
      )
      return Promise.race([query, delayed(2_000, false)])
    },
  }
}

function delayed<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, ms, value).unref())
}

function openPostgres(url: string, log: StorageLog): { db: Db; close: () => Promise<void> } {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 15_000,
    query_timeout: 20_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
  })
  // Without a listener a lost idle connection would end the process.
  pool.on('error', (error) => log.warn({ reason: reasonOf(error) }, 'database: an idle connection was lost'))
  return { db: drizzlePostgres(pool), close: () => pool.end() }
}

async function openEmbedded(folder: string | undefined): Promise<{ db: Db; close: () => Promise<void> }> {
  if (folder === undefined) {
    const memory = await PGlite.create()
    return { db: drizzlePglite(memory), close: () => memory.close() }
  }
  const unlock = await lockFolder(folder)
  try {
    const engine = await PGlite.create(`${folder}/pgdata`)
    return {
      db: drizzlePglite(engine),
      async close() {
        await engine.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}
