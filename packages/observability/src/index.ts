export type { Registry } from 'prom-client'
export * from './exposition.js'
export * from './log.js'
export * from './metrics.js'
