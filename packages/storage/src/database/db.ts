import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

/** Drizzle over either engine, the embedded one or a server; transactions fit here too. */
export type Db = PgDatabase<PgQueryResultHKT>
