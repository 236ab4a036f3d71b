const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const TENS = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

/**
 * Words as they are compared: lower case, without punctuation, numbers up to 9999 spelt out ("7:30" seven thirty,
 * "$25" twenty five dollars), so that two spellings of one spoken thing are alike.
 */
export function comparableWords(text: string): string[] {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/\$\s?(\d+)/g, '$1 dollars')
    .replace(/%/g, ' percent')
    .replace(/&/g, ' and ')
    .replace(/\b([ap])\.\s?m\b\.?/g, '$1m')
    .replace(/(\d),(\d{3})\b/g, '$1$2')
    .replace(/:00\b/g, '')
    .replace(/\d+/g, (digits) => ` ${spelt(digits)} `)
    .replace(/[^a-z' ]+/g, ' ')
    .replace(/(^|\s)'+|'+(\s|$)/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** Word error rate: substitutions, insertions and deletions over the words of `wanted`. No words wanted: 0 or 1. */
export function wordErrorRate(wanted: string, got: string): number {
  const reference = comparableWords(wanted)
  const hypothesis = comparableWords(got)
  if (reference.length === 0) return hypothesis.length === 0 ? 0 : 1
  let previous = Array.from({ length: hypothesis.length + 1 }, (_, index) => index)
  reference.forEach((word, row) => {
    const next = [row + 1]
    hypothesis.forEach((other, column) => {
      const replaced = (previous[column] ?? 0) + (word === other ? 0 : 1)
      next.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    })
    previous = next
  })
  return (previous.at(-1) ?? 0) / reference.length
}

function spelt(digits: string): string {
  const value = Number(digits)
  if (digits.length > 4 || (digits.startsWith('0') && digits.length > 1)) {
    return [...digits].map((digit) => SMALL[Number(digit)]).join(' ')
  }
  if (value >= 1000)
    return `${spelt(String(Math.floor(value / 1000)))} thousand ${value % 1000 ? spelt(String(value % 1000)) : ''}`
  if (value >= 100) return `${SMALL[Math.floor(value / 100)]} hundred ${value % 100 ? spelt(String(value % 100)) : ''}`
  if (value >= 20) return `${TENS[Math.floor(value / 10)]} ${value % 10 ? SMALL[value % 10] : ''}`
  return SMALL[value] ?? digits
}
