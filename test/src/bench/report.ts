import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(
  new URL(
    import.meta.url.includes('/dist/') ? '../../../../bench-results/' : '../../../bench-results/',
    import.meta.url,
  ),
)

/** Lines of a table, columns aligned: the first to the left, the others to the right. */
export function table(head: string[], rows: (string | number)[][]): string {
  const cells = [head, ...rows.map((row) => row.map(String))]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const line = (row: string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return [line(cells[0] ?? []), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join(
    '\n',
  )
}

/** Writes a bench's figures to bench-results/NAME.json, with the machine they come from; gives the path. */
export async function writeReport(name: string, figures: Record<string, unknown>): Promise<string> {
  const [cpu] = cpus()
  const machine = { cpu: cpu?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version }
  await mkdir(folder, { recursive: true })
  const file = `${folder}${name}.json`
  await writeFile(
    file,
    `${JSON.stringify({ bench: name, at: new Date().toISOString(), machine, ...figures }, null, 2)}\n`,
  )
  return file
}
