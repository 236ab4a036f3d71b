/** The pause that people leave after a clause, ms, by the mark it ends with. */
export function gapAfterMs(text: string): number {
  const end = text.trimEnd().at(-1) ?? ''
  if ('.!?…'.includes(end)) return 240
  if (',;:—–'.includes(end)) return 110
  return 0
}
