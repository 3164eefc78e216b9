/** From bytes to lines and events. */
export { ByteStore } from './byte-store.js';
export { FramingError } from './framing-error.js';
export { LineSplitter } from './line-splitter.js';
export { SseParser, type SseEvent } from './sse-parser.js';
