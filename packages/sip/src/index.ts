export * from './call-control/index.js'
export * from './embedded/index.js'
export * from './sdp/index.js'
