/** Simulated networks: conditions, profiles, a TCP proxy and stages for pipes. */
export {
  clearConditions,
  copyConditions,
  roundTripMs,
  type Cut,
  type CutKind,
  type DirectionConditions,
  type Distribution,
  type NetworkConditions,
} from './conditions/conditions.js';
export { networkProfile, networkProfiles, type NetworkProfile } from './conditions/profiles.js';
export { applySettings, networkSettings, settingFlag, type NetworkSetting } from './conditions/settings.js';
export { startProxyThread } from './proxy/proxy-thread.js';
export { readNetwork } from './read-network.js';
export { readAddress, showAddress, type Address } from './proxy/address.js';
export type { ConnectionTap } from './proxy/connection.js';
export { serveControl, type ControlApi } from './proxy/control-api.js';
export {
  startProxy,
  type NetworkProxy,
  type ProxyControl,
  type ProxyOptions,
  type ProxyStats,
} from './proxy/network-proxy.js';
export { recordingFormat, type RecordedCall, type Recording } from './recording/format.js';
export { readRecording } from './recording/read-recording.js';
export { Recorder, type RecordingSummary } from './recording/recorder.js';
export { NetworkPipe, type NetworkPipeOptions, type Pipe } from './stream/network-pipe.js';
