/** The view while a run is going: snapshots in, lines on a terminal out. */
export { frameLines, type FrameSpace } from './frame.js';
export { LiveView, type ViewMode, type ViewSurface } from './live-view.js';
export { plainLine } from './plain-line.js';
export type { ErrorSnapshot, LatencySnapshot, LiveSnapshot, ThresholdSnapshot } from './snapshot.js';
