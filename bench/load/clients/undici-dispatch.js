import { Pool } from 'undici';
import { body, headers, inFlight, measure, url } from './common.js';

const { origin, pathname: path } = new URL(url);
const pool = new Pool(origin, { connections: inFlight });
let id = 100_000_000;
const call = () =>
  new Promise((resolve, reject) => {
    const pieces = [];
    pool.dispatch(
      { path, method: 'POST', headers, body: body(++id) },
      {
        onConnect() {},
        onHeaders: () => true,
        onData: (piece) => pieces.push(piece) > 0,
        onComplete: () =>
          resolve(JSON.parse(pieces.length === 1 ? pieces[0].toString() : Buffer.concat(pieces).toString())),
        onError: reject,
      },
    );
  });
await measure('undici 7 dispatch', call);
await pool.close();
