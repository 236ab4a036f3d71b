import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAgentStore } from '../agents/agent-store.js'
import { AgentInput } from '../shapes/agent.js'
import { openDatabase } from './database.js'
import { FolderInUseError, lockFolder } from './folder-lock.js'
import { NewerDatabaseError, statements } from './migrate.js'

const log = { info() {}, warn() {}, error() {} }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-database-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('database', { timeout: 60_000 }, () => {
  it('keeps its rows over a restart and refuses a second process meanwhile', async () => {
    const first = await openDatabase({ log, folder })
    await createAgentStore(first.db).create(AgentInput.parse({ name: 'kept' }))
    await expect(openDatabase({ log, folder })).rejects.toBeInstanceOf(FolderInUseError)
    await first.close()
    const second = await openDatabase({ log, folder })
    expect(await createAgentStore(second.db).get('kept')).toMatchObject({ name: 'kept' })
    await second.db.execute('insert into hotline_migrations values (9999)')
    await second.close()
    await expect(openDatabase({ log, folder })).rejects.toBeInstanceOf(NewerDatabaseError)
  })

  it('takes over the lock of a process that died', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    const pid = child.pid ?? 0
    await new Promise((resolve) => child.once('exit', resolve))
    await writeFile(join(folder, 'hotline.lock'), `${pid} 12345`)
    const unlock = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toBeInstanceOf(FolderInUseError)
    await unlock()
    await (await lockFolder(folder))()
  })

  it('takes over a lock whose process id now belongs to another process', async () => {
    await writeFile(join(folder, 'hotline.lock'), `${process.pid} 1`)
    await (await lockFolder(folder))()
  })

  it('splits a migration into its statements, remarks left out', () => {
    expect(
      statements('-- a; remark\ncreate table a (\n  b text -- not split\n);\n\ninsert into a values (1);\n'),
    ).toEqual(['create table a (\n  b text -- not split\n)', 'insert into a values (1)'])
  })
})
