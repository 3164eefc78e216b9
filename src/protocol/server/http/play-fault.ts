import type { ServerResponse } from 'node:http';
import type { Answer } from '../answer.js';
import type { Fault } from '../wire-fault.js';
import { eventText } from './sse-stream.js';

/**
 * Answers as the fault says. Where the head has left already (an open event stream), a status can no longer be sent:
 * the stream then ends without an answer.
 *
 * @internal
 */
export function playFault(response: ServerResponse, answer: Answer, fault: Fault, asEvents: boolean): void {
  const type = asEvents ? 'text/event-stream' : 'application/json';
  const framed = (text: string) => (asEvents ? `event: message\ndata: ${text}\n\n` : text);
  switch (fault.kind) {
    case 'status':
      if (!response.headersSent) {
        response.writeHead(fault.status, {
          'Content-Type': 'text/plain',
          'Content-Length': Buffer.byteLength(fault.body),
          ...fault.headers,
        });
        response.end(fault.body);
      } else response.end();
      return;
    case 'text':
    case 'id': {
      const text = framed(fault.kind === 'text' ? fault.text : JSON.stringify(answer.message));
      if (!response.headersSent) {
        response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
      }
      response.end(text);
      return;
    }
    case 'close': {
      const text = asEvents ? eventText(answer.message) : JSON.stringify(answer.message);
      if (!response.headersSent) {
        response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
      }
      // A FIN after the half, not a reset that could overtake it.
      response.write(text.slice(0, text.length / 2), () => response.socket?.end());
    }
  }
}
