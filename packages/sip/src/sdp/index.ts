export * from './error.js'
export * from './offer-answer.js'
export type { Direction } from './session.js'
