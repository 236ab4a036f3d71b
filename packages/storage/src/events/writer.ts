import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StorageLog } from '../log.js'
import type { CallEvent } from '../shapes/call-event.js'
import { abandonedCallEnds } from './abandoned.js'
import { type Item, toItem } from './item.js'
import { createEventLink } from './link.js'
import { createSignal } from './signal.js'
import { openSpool, type Spool } from './spool.js'
import { decodeEvent } from './stream.js'

const BATCH = 200

export interface CallEventWriterOptions {
  redisUrl: string
  log: StorageLog
  /** Folder for events that wait while Redis is away. It belongs to one process at a time, and to its successors. */
  spoolDir: string
  /** Events held in memory at most, should both Redis and the disk refuse them. Default 20,000. */
  maxQueued?: number
  /** Entries in the stream from which on new ones wait on disk, because nobody reads. Default 1,000,000. */
  maxStreamEntries?: number
  /** How long a sent event is kept, to be sent again should Redis restart without it. Default 10,000 ms. */
  resendWindowMs?: number
}

/** Sends call events to Redis, in order, at least once each; a reader knows repeats by `(call_id, seq)`. */
export interface CallEventWriter {
  /** Takes the event and returns at once; never throws, never waits. */
  write(event: CallEvent): void
  /** True when everything written so far is in Redis; false when `timeoutMs` passed first. */
  flush(timeoutMs: number): Promise<boolean>
  /** Sends what is left or keeps it on disk for the next process, then lets go of Redis. Default 2,000 ms. */
  close(timeoutMs?: number): Promise<void>
  /** `dropped` counts events lost because memory was full while Redis and disk both refused: it should stay 0. */
  stats(): { queued: number; connected: boolean; dropped: number }
}

/**
 * Opens a writer; it connects in the background and `write` may be called at once. While Redis is away events go to
 * append-only files and are sent in order once it is back, also by the next process. Calls that a dead process left
 * open are ended with cause `media_lost`.
 */
export function createCallEventWriter(options: CallEventWriterOptions): CallEventWriter {
  const { log, spoolDir, maxQueued = 20_000, maxStreamEntries = 1_000_000, resendWindowMs = 10_000 } = options
  const signal = createSignal()
  const link = createEventLink({
    redisUrl: options.redisUrl,
    log,
    maxStreamEntries,
    resendWindowMs,
    onReady: () => signal.raise(),
  })
  const queue: Item[] = []
  let spool: Spool | null = null
  let abandonedEnded = false
  let dropped = 0
  let deadline = Number.POSITIVE_INFINITY

  const isIdle = (): boolean => queue.length === 0 && link.resend.length === 0 && (spool?.isEmpty() ?? false)

  async function spoolQueue(into: Spool): Promise<boolean> {
    const batch = queue.slice()
    if (batch.length === 0) return false
    await into.append(batch.map((item) => item.line))
    queue.splice(0, batch.length)
    return true
  }

  async function sendFrom(items: Item[]): Promise<boolean> {
    const batch = items.slice(0, BATCH)
    if (!(await link.send(batch))) return false
    items.splice(0, batch.length)
    return true
  }

  async function sendSpoolHead(from: Spool): Promise<boolean> {
    const head = await from.head()
    const items: Item[] = []
    for (const line of head?.lines ?? []) {
      try {
        items.push(toItem(decodeEvent(line)))
      } catch {
        log.error({}, 'call events: a spooled line was cut short and is left out')
      }
    }
    while (items.length > 0) if (!(await sendFrom(items))) return false
    await head?.done()
    return true
  }

  /** One piece of work, oldest events first; false when there is nothing to do for now. */
  async function step(into: Spool): Promise<boolean> {
    if (!link.connected()) return spoolQueue(into)
    if (link.resend.length > 0) return sendFrom(link.resend)
    if (!into.isEmpty()) {
      await spoolQueue(into)
      return sendSpoolHead(into)
    }
    if (!abandonedEnded) {
      const ends = abandonedCallEnds(await link.openCalls(), link.isOpenHere, Date.now())
      if (ends.length > 0) log.warn({ calls: ends.length }, 'call events: ending calls that a dead process left open')
      queue.unshift(...ends.map(toItem))
      abandonedEnded = true
      return true
    }
    return queue.length > 0 ? sendFrom(queue) : false
  }

  async function openFolder(): Promise<Spool> {
    await mkdir(spoolDir, { recursive: true })
    const path = join(spoolDir, 'writer-id')
    let id = (await readFile(path, 'utf8').catch(() => '')).trim()
    if (!/^[0-9a-f]{16}$/.test(id)) {
      id = randomBytes(8).toString('hex')
      await writeFile(path, id)
    }
    link.setWriterId(id)
    return openSpool({ folder: spoolDir })
  }

  async function run(): Promise<void> {
    for (;;) {
      let worked = false
      try {
        spool ??= await openFolder()
        worked = await step(spool)
      } catch (error) {
        log.error({ err: error instanceof Error ? error.message : String(error) }, 'call events: cannot be stored yet')
      }
      const closing = deadline < Number.POSITIVE_INFINITY
      if (closing && (isIdle() || !link.connected() || Date.now() >= deadline)) return
      if (!worked) await signal.wait(isIdle() ? 1_000 : 100)
    }
  }

  const running = run()

  return {
    write(event) {
      const item = toItem(event)
      const room = item.isPartial ? maxQueued / 2 : maxQueued
      if (queue.length >= room) {
        if (dropped === 0)
          log.error({}, 'call events: neither Redis nor disk takes events; memory is full, some are lost')
        dropped += 1
        return
      }
      queue.push(item)
      signal.raise()
    },

    async flush(timeoutMs) {
      const until = Date.now() + timeoutMs
      while (!isIdle()) {
        if (Date.now() >= until) return false
        signal.raise()
        await sleep(5)
      }
      return true
    },

    async close(timeoutMs = 2_000) {
      deadline = Date.now() + timeoutMs
      signal.raise()
      await running
      if (spool && queue.length > 0) {
        await spoolQueue(spool).catch((error: Error) => {
          log.error({ err: error.message, lost: queue.length }, 'call events: could not be kept')
        })
      }
      link.close()
    },

    stats: () => ({ queued: queue.length, connected: link.connected(), dropped }),
  }
}
