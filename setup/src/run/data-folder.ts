import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupFailure } from '../failure.js'
import { writeWhole } from '../prepare/stamp.js'
import { identify, isRunning } from '../process-identity.js'

/** The right to write a data folder, and a folder for temporary files that is removed with it. */
export interface DataClaim {
  /** Short, because vLLM makes sockets in it and their paths may have 107 bytes. */
  readonly temporary: string
  release(): Promise<void>
}

/**
 * Claims the data folder for this start and clears away what a killed one left in the temporary folder.
 * @throws SetupFailure when another start uses the folder: two Redis on one journal would destroy it.
 */
export async function claimData(data: string): Promise<DataClaim> {
  const lock = join(data, 'in-use.json')
  await mkdir(data, { recursive: true })
  const previous = await readClaim(lock)
  if (previous && isRunning(previous.owner)) {
    const [pid] = previous.owner.split(':')
    throw new SetupFailure(
      `Another start (process ${pid}) uses the data folder ${data}.`,
      `End it with Ctrl-C or \`kill ${pid}\`, or set HOTLINE_DATA to another folder for this one.`,
    )
  }
  if (previous?.temporary.startsWith(join(tmpdir(), 'hotline-run-'))) {
    await rm(previous.temporary, { recursive: true, force: true })
  }
  const temporary = await mkdtemp(join(tmpdir(), 'hotline-run-'))
  await writeWhole(lock, JSON.stringify({ owner: identify(process.pid), temporary }))
  return {
    temporary,
    release: async () => {
      await rm(temporary, { recursive: true, force: true })
      await rm(lock, { force: true })
    },
  }
}

async function readClaim(path: string): Promise<{ owner: string; temporary: string } | undefined> {
  try {
    const { owner, temporary } = JSON.parse(await readFile(path, 'utf8'))
    return typeof owner === 'string' && typeof temporary === 'string' ? { owner, temporary } : undefined
  } catch {
    return undefined
  }
}
