export type { Limits, Log } from './core/core.js'
export {
  createSignalingServer,
  type SignalingCounts,
  type SignalingServer,
  type SignalingServerOptions,
} from './core/signaling-server.js'
