// @ts-check
// Chat under load: users who read by WebSocket, and posts at a rate that rises in stages. Every reader must get every message once and in order.
//
//   k6 run -e ORIGIN=https://chat.example.com deploy/k6/chat.js
//   k6 run -e SESSION=http://localhost:5101 -e CHAT=http://localhost:5102 -e REALTIME=http://localhost:5104 -e SCALE=0.1 deploy/k6/chat.js
//
// SCALE multiplies rates and users (1: 2000 readers, 400 posts a second). It ends with a code other than 0 when a threshold is broken.
import exec from 'k6/execution';
import { Counter, Rate, Trend } from 'k6/metrics';
import { setTimeout } from 'k6/timers';
import { WebSocket } from 'k6/websockets';
import { createWorld, join, origins, post } from './api.js';
import { Stream } from './stream.js';

const scale = Number(__ENV.SCALE ?? '1');
const rooms = Math.max(1, Math.round(50 * scale));
const readers = Math.max(2, Math.round(2000 * scale));
const rate = Math.max(1, Math.round(400 * scale));

const lost = new Counter('chat_lost');
const doubled = new Counter('chat_doubled');
const disorder = new Counter('chat_disorder');
const received = new Counter('chat_received');
const reconnects = new Counter('chat_reconnects');
const refused = new Rate('chat_refused');
const delay = new Trend('chat_delivery_delay', true);

/** @type {import('k6/options').Options} */
export const options = {
  setupTimeout: '2m',
  scenarios: {
    read: {
      executor: 'ramping-vus',
      exec: 'read',
      startVUs: 0,
      stages: [
        { duration: '2m', target: readers },
        { duration: '9m', target: readers },
      ],
      gracefulRampDown: '0s',
      gracefulStop: '30s',
    },
    write: {
      executor: 'ramping-arrival-rate',
      exec: 'write',
      startTime: '2m',
      startRate: Math.max(1, Math.round(rate / 8)),
      timeUnit: '1s',
      preAllocatedVUs: Math.max(10, Math.round(rate / 2)),
      maxVUs: Math.max(20, rate * 2),
      stages: [
        { duration: '2m', target: Math.max(1, Math.round(rate / 4)) },
        // The fourfold step that the autoscalers are sized for.
        { duration: '5s', target: rate },
        { duration: '4m', target: rate },
        { duration: '1m', target: Math.max(1, Math.round(rate / 4)) },
      ],
    },
  },
  thresholds: {
    chat_lost: ['count==0'],
    chat_doubled: ['count==0'],
    chat_disorder: ['count==0'],
    chat_received: ['count>0'],
    // One a reader covers a rolling update; more is a fault.
    chat_reconnects: [`count<=${readers}`],
    // A run that cannot pass stops early.
    chat_refused: [{ threshold: 'rate<0.01', abortOnFail: false }, { threshold: 'rate<0.5', abortOnFail: true, delayAbortEval: '1m' }],
    chat_delivery_delay: ['p(50)<100', 'p(99)<500'],
    'http_req_duration{name:post}': ['p(95)<250', 'p(99)<1000'],
    'http_req_failed{name:post}': ['rate<0.01'],
    dropped_iterations: ['count==0'],
  },
};

export function setup() {
  return createWorld(rooms);
}

/**
 * One user: joins a room and reads until the run ends.
 * @param {import('./api.js').World} world
 */
export function read(world) {
  const room = /** @type {string} */ (world.rooms[exec.vu.idInTest % world.rooms.length]);
  const token = join(world, `reader-${exec.vu.idInTest}`, room);
  refused.add(token === null);
  if (token === null) {
    return;
  }

  // Until the writers have ended, and everything they wrote has arrived.
  const ends = exec.scenario.startTime + 10.5 * 60 * 1000;
  /** @type {Stream | null} */
  let stream = null;
  /** @type {WebSocket | null} */
  let socket = null;
  let closing = false;

  // A node that shuts down closes its clients (4001): they reconnect, and resume after the last number they saw.
  function open() {
    if (closing) {
      return;
    }

    socket = new WebSocket(`${origins.realtime}/v1/ws`, null, { headers: { Authorization: `Bearer ${token}` } });
    socket.onopen = () => socket?.send(JSON.stringify(stream === null ? { type: 'subscribe', room } : { type: 'subscribe', room, after: stream.last }));
    socket.onmessage = (event) => take(JSON.parse(String(event?.data)));
    socket.onclose = () => {
      if (closing) {
        report();
      } else {
        reconnects.add(1);
        setTimeout(open, 500 + Math.random() * 1_500);
      }
    };
  }

  /** @param {{ type: string, after: number, seq: number, text: string }} frame */
  function take(frame) {
    if (frame.type === 'subscribed') {
      stream ??= new Stream(frame.after);
    } else if (frame.type === 'message' && stream !== null) {
      stream.add(frame.seq);
      received.add(1);
      // Of this machine's own posts; with several load generators their clocks come in.
      delay.add(Date.now() - Number(frame.text.split(' ')[0]));
    } else if (frame.type === 'error') {
      refused.add(true);
    }
  }

  function report() {
    if (stream !== null) {
      const faults = stream.faults();
      lost.add(faults.lost);
      doubled.add(faults.doubled);
      disorder.add(faults.disorder);
      stream = null;
    }
  }

  open();
  setTimeout(() => {
    closing = true;
    if (socket?.readyState === 1) {
      socket.close(1000);
    } else {
      // Just then between two connections.
      report();
    }
  }, Math.max(1_000, ends - Date.now()));
}

/**
 * One post.
 * @param {import('./api.js').World} world
 */
export function write(world) {
  const number = exec.scenario.iterationInTest;
  const room = /** @type {string} */ (world.rooms[number % world.rooms.length]);
  const answer = post(`${origins.chat}/v1/rooms/${room}/messages`, { id: `m-${number}`, text: `${Date.now()} message ${number}` }, 'post', world.admin);
  refused.add(answer.status !== 201);
}
