export {
  type ByeCause,
  CallFailed,
  type IncomingCall,
  type PlaceCallOptions,
  type ReinviteResponder,
  type SipCall,
  type SipCallEvents,
} from './call.js'
export { CallControl, type CallControlOptions } from './call-control.js'
