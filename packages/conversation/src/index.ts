export type * from './engine/effect.js'
export type * from './engine/event.js'
export type * from './engine/record.js'
export type * from './engine/settings.js'
