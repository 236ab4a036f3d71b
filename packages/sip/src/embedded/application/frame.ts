/** Cuts the application's byte stream into frames `<byteLength>#<text>`; the length has at most five digits. */
export interface FrameReader {
  /** Whole frames; null when the peer does not speak the protocol. */
  push(chunk: Buffer): string[] | null
}

const MAX_DIGITS = 5

/** Longest frame, as five digits allow. */
export const MAX_FRAME_BYTES = 99_999

/** A reader for one connection; holds at most one frame and one chunk. */
export function createFrameReader(): FrameReader {
  let pending: Buffer = Buffer.alloc(0)
  let broken = false
  return {
    push(chunk) {
      if (broken) return null
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      const frames: string[] = []
      let at = 0
      while (at < pending.length) {
        const hash = pending.indexOf(35, at)
        const digits = pending.toString('latin1', at, hash < 0 ? Math.min(pending.length, at + MAX_DIGITS + 1) : hash)
        if (!/^\d{0,5}$/.test(digits) || (hash >= 0 && (digits === '' || Number(digits) === 0))) {
          broken = true
          pending = Buffer.alloc(0)
          return null
        }
        if (hash < 0) break
        const end = hash + 1 + Number(digits)
        if (pending.length < end) break
        frames.push(pending.toString('utf8', hash + 1, end))
        at = end
      }
      pending = pending.subarray(at)
      return frames
    },
  }
}

/** One frame ready to write. */
export function encodeFrame(text: string): string {
  return `${Buffer.byteLength(text)}#${text}`
}
