interface Family {
  header: string[]
  samples: string[]
}

/** One sample line: name, labels, a number (exponent, NaN and Inf included), perhaps a time. */
const SAMPLE =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})?\s+(?:[-+]?[\d.]+(?:[eE][-+]?\d+)?|[Nn]a[Nn]|[-+]?Inf)(?:\s+-?\d+)?\s*$/

/** The family that a sample belongs to: histograms and summaries add a suffix to it. */
function familyOf(sampleName: string, families: ReadonlyMap<string, Family>): string {
  const base = sampleName.replace(/_(bucket|sum|count)$/, '')
  return base !== sampleName && families.has(base) ? base : sampleName
}

/**
 * Merges several processes' Prometheus texts (exposition format 0.0.4) into one: each metric family appears once, with
 * all its samples below it, as the format demands. The texts must tell their samples apart by a label such as `service`;
 * a sample that repeats (same name and labels) is kept once, the first.
 */
export function mergeExpositions(texts: readonly string[]): string {
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  const family = (name: string): Family => {
    const known = families.get(name)
    if (known) return known
    const made: Family = { header: [], samples: [] }
    families.set(name, made)
    return made
  }
  for (const text of texts) {
    for (const line of text.split('\n')) {
      const header = /^# (HELP|TYPE) (\S+)/.exec(line)
      if (header?.[1] && header[2]) {
        const into = family(header[2])
        if (!into.header.some((known) => known.startsWith(`# ${header[1]} `))) into.header.push(line)
        continue
      }
      const sample = SAMPLE.exec(line)
      if (!sample?.[1]) continue
      const key = sample[1] + (sample[2] ?? '')
      if (seen.has(key)) continue
      seen.add(key)
      family(familyOf(sample[1], families)).samples.push(line)
    }
  }
  const blocks = [...families.values()].map(({ header, samples }) => [...header, ...samples].join('\n'))
  return `${blocks.join('\n\n')}\n`
}
