import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Hash of everything that a step's result depends on: the first 16 hex digits of a sha256 over its JSON. */
export function fingerprint(...inputs: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16)
}

/** Whether the step that wrote this stamp ran to its end with the same inputs. A missing or torn file counts as no. */
export async function isStamped(path: string, print: string): Promise<boolean> {
  return (await readFile(path, 'utf8').catch(() => '')) === print
}

/** Writes a file so that a reader, or a start after a power cut, sees the old content or the new, never a part. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}-${randomUUID()}.tmp`
  await writeFile(temporary, content, { flush: true })
  await rename(temporary, path)
}
