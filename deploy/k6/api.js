// @ts-check
// The product's public API as the scripts need it.
import http from 'k6/http';
import exec from 'k6/execution';

/** One origin for all, as the ingress has it; or one for each, as a run of the AppHost has it. */
const origin = __ENV.ORIGIN ?? 'https://chat.example.com';
export const origins = {
  session: __ENV.SESSION ?? origin,
  chat: __ENV.CHAT ?? origin,
  realtime: (__ENV.REALTIME ?? origin).replace(/^http/, 'ws'),
};

export const password = 'correct horse battery staple';

/**
 * @typedef {object} World
 * @property {string} tenant
 * @property {string[]} rooms
 * @property {string} admin Access token of their owner.
 */

/**
 * @param {string} url
 * @param {unknown} body
 * @param {string} name Groups the requests in the results.
 * @param {string} [token]
 */
export function post(url, body, name, token) {
  /** @type {Record<string, string>} */
  const headers = { 'Content-Type': 'application/json' };
  if (token !== undefined) {
    headers.Authorization = `Bearer ${token}`;
  }

  return http.post(url, body === null ? null : JSON.stringify(body), { headers, tags: { name } });
}

/**
 * A tenant with rooms. Aborts the run if that fails: nothing after it would mean anything.
 * @param {number} rooms
 * @returns {World}
 */
export function createWorld(rooms) {
  const tenant = `load-${Date.now().toString(36)}`;
  const signedUp = post(`${origins.session}/v1/tenants`, {
    tenant,
    name: 'Load',
    openRegistration: true,
    admin: { username: 'admin', password, displayName: 'Admin' },
  }, 'sign up');
  const admin = tokenOf(signedUp);
  if (admin === null) {
    exec.test.abort(`The tenant was refused: ${signedUp.status} ${signedUp.body}`);
    throw new Error('aborted');
  }

  const names = [...Array(rooms).keys()].map((number) => `room-${number}`);
  for (const id of names) {
    const created = post(`${origins.chat}/v1/rooms`, { id, name: id, visibility: 'public' }, 'create room', admin);
    if (created.status !== 201) {
      exec.test.abort(`The room was refused: ${created.status} ${created.body}`);
    }
  }

  return { tenant, rooms: names, admin };
}

/**
 * A new user who has joined the room; null where the system refuses for now.
 * @param {World} world
 * @param {string} username
 * @param {string} room
 */
export function join(world, username, room) {
  const token = tokenOf(post(`${origins.session}/v1/tenants/${world.tenant}/users`, { username, password, displayName: username }, 'register'))
    ?? tokenOf(post(`${origins.session}/v1/login`, { tenant: world.tenant, username, password }, 'log in'));
  if (token === null) {
    return null;
  }

  return post(`${origins.chat}/v1/rooms/${room}/join`, null, 'join', token).status < 300 ? token : null;
}

/** @param {import('k6/http').RefinedResponse<'text' | undefined>} response */
function tokenOf(response) {
  const token = response.status < 300 ? response.json('accessToken') : null;
  return typeof token === 'string' ? token : null;
}
