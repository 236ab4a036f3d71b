/** Where a piece of sound lies in a longer one: the offset in samples with the highest normalised correlation. */
export interface Match {
  at: number
  /** 1 for the same sound at any volume, around 0 for another one. */
  likeness: number
}

/** Finds `piece` in `whole` between two offsets, both ends included. 16-bit mono of one rate. */
export function findSound(whole: Int16Array, piece: Int16Array, fromSample: number, toSample: number): Match {
  const first = Math.max(0, Math.floor(fromSample))
  const last = Math.min(whole.length - piece.length, Math.ceil(toSample))
  const energy = piece.reduce((sum, sample) => sum + sample * sample, 0)
  let best: Match = { at: -1, likeness: -1 }
  for (let at = first; at <= last; at++) {
    let product = 0
    let other = 0
    for (let index = 0; index < piece.length; index++) {
      const sample = whole[at + index] ?? 0
      product += sample * (piece[index] ?? 0)
      other += sample * sample
    }
    const likeness = other > 0 ? product / Math.sqrt(energy * other) : 0
    if (likeness > best.likeness) best = { at, likeness }
  }
  return best
}
