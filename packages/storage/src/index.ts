export * from './shapes/agent.js'
export * from './shapes/call-event.js'
