import type { Application } from '../application/application.js'
import type { Dialog } from './dialog.js'

/** Every dialog of the server, by the application's name for it and by Call-ID and tags (RFC 3261 §12). */
export interface Dialogs {
  readonly size: number
  add(dialog: Dialog): void
  /** Lets `change` set the peer's tag. */
  retag(dialog: Dialog, change: () => void): void
  byId(id: string): Dialog | undefined
  byTags(callId: string, localTag: string, remoteTag: string): Dialog | undefined
  of(application: Application): Dialog[]
  /** A name that is free: `callId;from-tag=tag`, as drachtio-server calls it. */
  freeId(callId: string, fromTag: string): string
  /** Forgets it and stops its timers; harmless when repeated. */
  remove(dialog: Dialog): void
}

/** An empty set of dialogs. */
export function createDialogs(): Dialogs {
  const ids = new Map<string, Dialog>()
  const tags = new Map<string, Dialog>()
  const keyOf = (dialog: Dialog) => `${dialog.callId}|${dialog.localTag}|${dialog.remoteTag}`
  return {
    get size() {
      return ids.size
    },
    add(dialog) {
      ids.set(dialog.id, dialog)
      if (dialog.remoteTag !== '' || dialog.role === 'uas') tags.set(keyOf(dialog), dialog)
    },
    retag(dialog, change) {
      if (tags.get(keyOf(dialog)) === dialog) tags.delete(keyOf(dialog))
      change()
      if (ids.get(dialog.id) === dialog) tags.set(keyOf(dialog), dialog)
    },
    byId: (id) => ids.get(id),
    byTags: (callId, localTag, remoteTag) => tags.get(`${callId}|${localTag}|${remoteTag}`),
    of: (application) => [...ids.values()].filter((dialog) => dialog.application === application),
    freeId(callId, fromTag) {
      const id = `${callId};from-tag=${fromTag}`
      for (let n = 2; ; n++) {
        const candidate = n === 2 ? id : `${id};${n - 1}`
        if (!ids.has(candidate)) return candidate
      }
    },
    remove(dialog) {
      dialog.phase = 'ended'
      dialog.unacknowledged?.acknowledge()
      dialog.unacknowledged = undefined
      dialog.stopSession?.()
      dialog.stopSession = undefined
      if (ids.get(dialog.id) === dialog) ids.delete(dialog.id)
      if (tags.get(keyOf(dialog)) === dialog) tags.delete(keyOf(dialog))
    },
  }
}
