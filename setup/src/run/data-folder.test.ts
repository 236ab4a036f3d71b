import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identify } from '../process-identity.js'
import { claimData } from './data-folder.js'

describe('data folder', () => {
  let data = ''
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'data-'))
  })
  afterEach(() => rm(data, { recursive: true }))

  it('two starts do not write one Redis journal', async () => {
    const owner = identify(process.ppid)
    await writeFile(join(data, 'in-use.json'), JSON.stringify({ owner, temporary: '' }))
    await expect(claimData(data)).rejects.toThrow(`process ${process.ppid}`)
  })

  it('what a killed start left behind is cleared away', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'hotline-run-'))
    await writeFile(join(data, 'in-use.json'), JSON.stringify({ owner: '4194303:1', temporary }))
    const claim = await claimData(data)
    await expect(access(temporary)).rejects.toThrow('ENOENT')
    await claim.release()
  })

  it('a lock file with another path in it does not get that path removed', async () => {
    const precious = await mkdtemp(join(tmpdir(), 'precious-'))
    await writeFile(join(data, 'in-use.json'), JSON.stringify({ owner: '4194303:1', temporary: precious }))
    await (await claimData(data)).release()
    await access(precious)
    await rm(precious, { recursive: true })
  })

  it('nothing is left after a clean end', async () => {
    const claim = await claimData(data)
    await claim.release()
    expect(await readdir(data)).toEqual([])
    await expect(access(claim.temporary)).rejects.toThrow('ENOENT')
  })
})
