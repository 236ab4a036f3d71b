import { randomBytes } from 'node:crypto'
import { and, asc, desc, eq, gt, lt, or } from 'drizzle-orm'
import type { Db } from '../database/db.js'
import { ordinalOfDeleted, type Page, type PageOptions, toPage } from '../database/page.js'
import { agents, markers, tombstones } from '../database/schema.js'
import { type Agent, AgentInput, type AgentSettings } from '../shapes/agent.js'
import { type AgentPatch, applyAgentPatch } from '../shapes/agent-patch.js'

/** Another agent has this name. */
export class AgentNameTakenError extends Error {
  override name = 'AgentNameTakenError'
}

export interface AgentStore {
  /** @throws AgentNameTakenError */
  create(settings: AgentSettings): Promise<Agent>
  /** By id, else by name. */
  get(idOrName: string): Promise<Agent | null>
  /** Newest first unless told otherwise. @throws UnknownCursorError */
  list(options: PageOptions): Promise<Page<Agent>>
  /** Null when there is none. @throws AgentNameTakenError, ZodError when the whole no longer fits */
  update(idOrName: string, patch: AgentPatch): Promise<Agent | null>
  /** The agent that was removed, or null. */
  remove(idOrName: string): Promise<Agent | null>
  /** Creates an agent once in this database's life: one that was deleted or renamed does not come back. */
  seed(settings: AgentSettings): Promise<void>
}

type Row = typeof agents.$inferSelect

function toAgent(row: Row): Agent {
  // Settings that came into being after this agent have their defaults.
  const current = AgentInput.safeParse(row.settings)
  return {
    id: row.id,
    object: 'agent',
    ...(current.success ? current.data : row.settings),
    created_at: Math.floor(row.createdAt / 1000),
    updated_at: Math.floor(row.updatedAt / 1000),
    version: row.version,
  }
}

/** Postgres' unique_violation, however deep the driver wraps it. */
function isUniqueViolation(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if ('code' in at && at.code === '23505') return true
  return false
}

async function orNameTaken<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isUniqueViolation(error)) throw new AgentNameTakenError(`an agent named '${name}' exists already`)
    throw error
  }
}

export function createAgentStore(db: Db): AgentStore {
  async function find(from: Db, idOrName: string): Promise<Row | null> {
    const rows = await from
      .select()
      .from(agents)
      .where(or(eq(agents.id, idOrName), eq(agents.name, idOrName)))
    return rows.find(({ id }) => id === idOrName) ?? rows[0] ?? null
  }

  async function insert(into: Db, settings: AgentSettings): Promise<Agent> {
    const now = Date.now()
    const id = `agent_${randomBytes(12).toString('hex')}`
    const [row] = await into
      .insert(agents)
      .values({ id, name: settings.name, settings, createdAt: now, updatedAt: now })
      .returning()
    if (!row) throw new Error('the database returned no row')
    return toAgent(row)
  }

  return {
    create: (settings) => orNameTaken(settings.name, () => insert(db, settings)),

    async get(idOrName) {
      const row = await find(db, idOrName)
      return row ? toAgent(row) : null
    },

    async list({ after, limit, order = 'desc' }) {
      let beyond: number | null = null
      if (after !== undefined) {
        const [row] = await db.select({ ordinal: agents.ordinal }).from(agents).where(eq(agents.id, after))
        beyond = row?.ordinal ?? (await ordinalOfDeleted(db, 'agent', after))
      }
      const bound = order === 'desc' ? lt : gt
      const rows = await db
        .select()
        .from(agents)
        .where(beyond === null ? undefined : bound(agents.ordinal, beyond))
        .orderBy(order === 'desc' ? desc(agents.ordinal) : asc(agents.ordinal))
        .limit(limit + 1)
      return toPage(rows, limit, toAgent)
    },

    async update(idOrName, patch) {
      // The version tells whether somebody else was quicker; then the change is made again on top of theirs.
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const row = await find(db, idOrName)
        if (!row) return null
        const settings = applyAgentPatch(row.settings, patch)
        const [updated] = await orNameTaken(settings.name, () =>
          db
            .update(agents)
            .set({ settings, name: settings.name, version: row.version + 1, updatedAt: Date.now() })
            .where(and(eq(agents.id, row.id), eq(agents.version, row.version)))
            .returning(),
        )
        if (updated) return toAgent(updated)
      }
      throw new Error('the agent is being changed by many at once')
    },

    async remove(idOrName) {
      return db.transaction(async (tx) => {
        const row = await find(tx, idOrName)
        if (!row) return null
        await tx.delete(agents).where(eq(agents.id, row.id))
        await tx
          .insert(tombstones)
          .values({ kind: 'agent', id: row.id, ordinal: row.ordinal, deletedAt: Date.now() })
          .onConflictDoNothing()
        return toAgent(row)
      })
    },

    async seed(settings) {
      await db.transaction(async (tx) => {
        const name = `seeded agent ${settings.name}`
        const marked = await tx
          .insert(markers)
          .values({ name, createdAt: Date.now() })
          .onConflictDoNothing()
          .returning()
        if (marked.length === 0 || (await find(tx, settings.name))) return
        await insert(tx, AgentInput.parse(settings))
      })
    },
  }
}
