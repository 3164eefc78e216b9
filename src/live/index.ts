/** The view while a run is going: snapshots in, lines on a terminal out. */
export { frameLines, type FrameSpace } from './frame.js';
export { comparisonFace, type ComparisonSnapshot } from './comparison-frame.js';
export { LiveView, View, type Face, type ViewMode, type ViewSurface } from './live-view.js';
export { plainLine } from './plain-line.js';
export type { ErrorSnapshot, LatencySnapshot, LiveSnapshot, ThresholdSnapshot } from './snapshot.js';
