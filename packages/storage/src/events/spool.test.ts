import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSpool, type Spool } from './spool.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-spool-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function drain(spool: Spool): Promise<string[]> {
  const lines: string[] = []
  for (let head = await spool.head(); head; head = await spool.head()) {
    lines.push(...head.lines)
    await head.done()
  }
  return lines
}

describe('spool', () => {
  it('gives lines back in order over many files, and leaves no file behind', async () => {
    const spool = await openSpool({ folder, segmentBytes: 10 })
    for (let n = 0; n < 20; n += 1) await spool.append([`line ${n}`, `and ${n}`])
    expect((await readdir(folder)).length).toBeGreaterThan(5)
    expect(await drain(spool)).toEqual(Array.from({ length: 20 }, (_, n) => [`line ${n}`, `and ${n}`]).flat())
    expect(spool.isEmpty()).toBe(true)
    expect(await readdir(folder)).toEqual([])
  })

  it('does not glue a line to one that a dying process cut short', async () => {
    const first = await openSpool({ folder })
    await first.append(['whole'])
    const [name = ''] = await readdir(folder)
    await appendFile(join(folder, name), '{"cut')
    const second = await openSpool({ folder })
    await second.append(['next'])
    expect(await drain(second)).toEqual(['whole', '{"cut', 'next'])
  })

  it('keeps a file until its lines are safe elsewhere, with lines that came in the meantime behind it', async () => {
    const spool = await openSpool({ folder })
    await spool.append(['a'])
    const head = await spool.head()
    await spool.append(['b'])
    expect(head?.lines).toEqual(['a'])
    expect((await (await openSpool({ folder })).head())?.lines).toEqual(['a'])
    await head?.done()
    expect(await drain(spool)).toEqual(['b'])
  })
})
