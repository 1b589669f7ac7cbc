// Prints a token with which one service calls another, for the .http files and for curl, by the keys that the AppHost keeps in the user secrets:
//   node AppHost/service-token.mjs session dbman
//   node AppHost/service-token.mjs operator realtime
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const [caller, callee, file] = process.argv.slice(2);
if (!caller || !callee) {
  console.error('node AppHost/service-token.mjs CALLER CALLEE [SECRETS.json]');
  process.exit(2);
}

const id = 'chat-apphost-2f0f7c1e';
const secrets = file ?? (process.platform === 'win32'
  ? join(process.env.APPDATA, 'Microsoft', 'UserSecrets', id, 'secrets.json')
  : join(homedir(), '.microsoft', 'usersecrets', id, 'secrets.json'));
const text = JSON.parse(readFileSync(secrets, 'utf8').replace(/^\uFEFF/, ''))[`Parameters:${caller}-key`];
if (!text) {
  console.error(`${secrets} has no key of '${caller}'. The AppHost makes them when it first runs.`);
  process.exit(1);
}

const key = createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
const kid = createHash('sha256').update(spki).digest().subarray(0, 16).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = `${part({ alg: 'ES256', kid, typ: 'service+jwt' })}.${part({ iss: caller, aud: callee, iat: now, nbf: now, exp: now + 300 })}`;
console.log(`${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`);
