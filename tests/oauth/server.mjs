// SPDX-License-Identifier: MIT
// server.mjs - authorization servers to get tokens from, for tests/oauth.
//
//     node server.mjs DIR PORT TLS_PORT PLAIN_PORT OTHER_PORT
//
// DIR has the keys that lib.sh makes.  LIFE in the environment is the life of
// each token, in seconds.
//
//   PORT        oidc-provider, over TLS; /raw/token takes Basic unencoded
//   TLS_PORT    the same for clients with a certificate (RFC 8705)
//   PLAIN_PORT  without TLS: GET /seen tells what the clients did, a line
//               "NAME VALUE" each; GET /seed/CLIENT gives a first refresh
//               token; GET /lose/NAME loses the next answer to that client;
//               POST /dpop answers with a token that is none for bearers
//   OTHER_PORT  oauth2-mock-server
import * as crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import * as jose from 'jose';
import { OAuth2Server } from 'oauth2-mock-server';
import { Provider, errors } from 'oidc-provider';

const [dir, port, tlsPort, plainPort, otherPort] = process.argv.slice(2);
const life = Number(process.env.LIFE || 60);
const host = '127.0.0.1';
const issuer = `https://${host}:${port}`;
const api = 'https://api.example.com/';
const urn = 'urn:ietf:params:oauth:';
const file = (name) => fs.readFileSync(`${dir}/${name}`);
const now = () => Math.floor(Date.now() / 1000);

// ---- what the clients did --------------------------------------------------

const seen = new Map();
const count = (name) => seen.set(name, (seen.get(name) ?? 0) + 1);
const largest = (name, value) =>
  seen.set(name, Math.max(seen.get(name) ?? 0, value));
const lost = new Set(); // whose next answer never arrives
const used = { jti: new Set(), refresh: new Set() };

// Count a use of what is good for one use; a second one as well.
const useOnce = (kind, value) => {
  count(kind);
  if (used[kind].has(value)) count(`${kind}.again`);
  used[kind].add(value);
};

const mechanism = (ctx, form) => {
  if (ctx.headers.authorization) return ctx.headers.authorization.split(' ')[0];
  if (form.client_assertion) return 'assertion';
  if (form.client_secret) return 'post';
  return ctx.socket.getPeerX509Certificate?.() ? 'certificate' : 'none';
};

// By its name in the test, which has no special characters.
const names = new Map();
const nameOf = (id) => names.get(id) ?? 'unknown';

const noteAssertion = (text, who) => {
  const claims = jose.decodeJwt(text);
  const header = jose.decodeProtectedHeader(text);
  useOnce('jti', claims.jti);
  seen.set(`alg.${who}`, header.alg);
  seen.set(`kid.${who}`, header.kid ?? 'none');
  largest(`lifetime.${who}`, claims.exp - claims.iat);
  largest(`skew.${who}`, Math.abs(claims.iat - now()));
};

// After each call of the token endpoint.
const note = (ctx) => {
  const form = ctx.oidc.body ?? {};
  const who = nameOf(ctx.oidc.client?.clientId ?? form.client_id);
  const ok = ctx.status === 200;
  count(`${ok ? 'ok' : 'failed'}.${who}`);
  if (ok) seen.set(`by.${who}`, mechanism(ctx, form));
  else seen.set(`error.${who}`, `${ctx.body?.error}: ${ctx.body?.error_description}`);
  for (const text of [form.client_assertion, form.assertion])
    if (text) noteAssertion(text, who);
  if (form.refresh_token && who === 'rotate')
    useOnce('refresh', form.refresh_token);
  if (who === 'file') writeAssertion();
  if (lost.delete(who)) ctx.req.socket.destroy();
};

// ---- clients ---------------------------------------------------------------

const clients = [];
const secretOf = (name) =>
  `secret-of-${name}-which-is-long-enough-for-every-hash-there-is-0123456789`;
const certificate = new crypto.X509Certificate(file('rsa.crt'));
const thumbprint = crypto.createHash('sha256').update(certificate.raw)
  .digest('base64url');

// add NAME METHOD GRANT [MORE]: a client; its id is its name unless MORE says
// otherwise.
const add = (name, method, grant, more = {}) => {
  const client = {
    client_id: name, client_secret: secretOf(name),
    grant_types: [grant], redirect_uris: [], response_types: [],
    token_endpoint_auth_method: method, ...more,
  };
  if (/key|tls|none/.test(method)) delete client.client_secret;
  names.set(client.client_id, name);
  clients.push(client);
};

const cc = 'client_credentials';
const keyFile = (alg) => {
  if (alg === 'EdDSA') return 'ed';
  return alg.startsWith('ES') ? `p${alg.slice(2)}` : 'rsa';
};
const publicKey = (name, more) => ({
  ...crypto.createPublicKey(file(`${name}.pem`)).export({ format: 'jwk' }),
  use: 'sig', ...more,
});
const withKey = (name, alg) => add(name, 'private_key_jwt', cc, {
  token_endpoint_auth_signing_alg: alg,
  jwks: { keys: [publicKey(keyFile(alg), { alg, kid: `key-${name}` })] },
});
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512',
  'ES256', 'ES384', 'ES512', 'EdDSA'];
const hashes = ['HS256', 'HS384', 'HS512'];
const oddId = file('odd.id').toString();
const oddSecret = file('odd.secret').toString();

add('basic', 'client_secret_basic', cc,
  { client_id: oddId, client_secret: oddSecret });
add('raw', 'client_secret_basic', cc,
  { client_id: `raw ${oddId}`, client_secret: oddSecret });
add('post', 'client_secret_post', cc);
for (const alg of hashes)
  add(alg, 'client_secret_jwt', cc, { token_endpoint_auth_signing_alg: alg });
for (const alg of algorithms) withKey(alg, alg);
withKey('entra', 'PS256');
withKey('url', 'ES256');
withKey('file', 'ES256');
add('tls', 'tls_client_auth', cc, { tls_client_auth_subject_dn: 'CN=client' });
add('scope', 'client_secret_basic', cc, { scope: 'api:read api:write' });
for (const name of ['resource', 'elsewhere'])
  add(name, 'client_secret_basic', cc);
add('bound', 'client_secret_basic', cc, { dpop_bound_access_tokens: true });
add('password', 'client_secret_basic', 'password');
add('bearer', 'client_secret_basic', `${urn}grant-type:jwt-bearer`);
add('bearer-key', 'none', `${urn}grant-type:jwt-bearer`);
add('exchange', 'client_secret_basic', `${urn}grant-type:token-exchange`);
for (const name of ['refresh', 'rotate'])
  add(name, 'client_secret_basic', 'refresh_token', {
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['https://rp.example/cb'], response_types: ['code'],
  });

// As Entra ID: the certificate told, the token endpoint for audience.
const assertClaims = (ctx, claims, header, client) => {
  if (client.clientId === 'entra' && (header['x5t#S256'] !== thumbprint ||
      header.typ !== 'JWT' || claims.aud !== `${issuer}/token`))
    throw new errors.InvalidClientAuth('not as Entra ID wants it');
};

// The agent that keeps an assertion in a file: another one after each call, and
// in time.
let assertions = 0;
const writeAssertion = () => {
  const claims = { iss: 'file', sub: 'file', aud: issuer, iat: now(),
    exp: now() + 60, jti: `file-${assertions++}` };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'ES256', kid: 'key-file' })}.${part(claims)}`;
  const signature = crypto.sign('sha256', Buffer.from(text),
    { key: file('p256.pem'), dsaEncoding: 'ieee-p1363' }).toString('base64url');
  fs.writeFileSync(`${dir}/assertion.new`, `${text}.${signature}\n`);
  fs.renameSync(`${dir}/assertion.new`, `${dir}/assertion.jwt`);
};

// ---- the server ------------------------------------------------------------

const resourceServer = (ctx, resource) => {
  if (!resource.startsWith(api)) throw new errors.InvalidTarget();
  return { scope: 'api:read api:write', audience: resource,
    accessTokenFormat: 'jwt', accessTokenTTL: life,
    jwt: { sign: { alg: 'RS256' } } };
};

const peer = (ctx) => ctx.socket.getPeerX509Certificate?.();

const provider = new Provider(issuer, {
  clients,
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post',
    'client_secret_jwt', 'private_key_jwt', 'tls_client_auth'],
  enabledJWA: { clientAuthSigningAlgValues: [...algorithms, ...hashes] },
  assertJwtClientAuthClaimsAndHeader: assertClaims,
  clockTolerance: 10,
  discovery: { mtls_endpoint_aliases: {
    token_endpoint: `https://${host}:${tlsPort}/token` } },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  jwks: { keys: [{ ...crypto.createPrivateKey(file('rsa.pem'))
    .export({ format: 'jwk' }), kid: 'server', use: 'sig' }] },
  cookies: { keys: ['of the tests'] },
  rotateRefreshToken: (ctx) => ctx.oidc.client.clientId === 'rotate',
  scopes: ['api:read', 'api:write', 'offline_access'],
  ttl: { AccessToken: () => life, ClientCredentials: () => life,
    RefreshToken: () => 86400, Grant: () => 86400 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    resourceIndicators: { enabled: true, defaultResource: () => undefined,
      useGrantedResource: () => true, getResourceServerInfo: resourceServer },
    mTLS: { enabled: true, tlsClientAuth: true,
      getCertificate: (ctx) => peer(ctx)?.toString(),
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, wanted) =>
        property === 'tls_client_auth_subject_dn' &&
        peer(ctx).subject.trim() === wanted },
  },
});

// Grants that oidc-provider has not: what it takes to get a token by them.
const issued = new Map(); // token -> until when

const issue = (ctx, more = {}) => {
  const token = crypto.randomBytes(24).toString('base64url');
  issued.set(token, now() + life);
  ctx.body = { access_token: token, token_type: 'Bearer', expires_in: life,
    ...more };
};

// Tells why in what the client sees, which oidc-provider does not.
class Refused extends errors.CustomOIDCProviderError {
  constructor(why) { super('invalid_grant', why); }
}

provider.registerGrantType('password', (ctx) => {
  const { username, password } = ctx.oidc.params;
  if (username !== 'robot@example.com' || password !== file('odd.secret').toString())
    throw new Refused('user name or password is wrong');
  issue(ctx);
}, ['username', 'password', 'scope']);

const bearerKey = (client) => client.clientId === 'bearer'
  ? new TextEncoder().encode(client.clientSecret)
  : crypto.createPublicKey(file('p384.pem'));

provider.registerGrantType(`${urn}grant-type:jwt-bearer`, async (ctx) => {
  const { client, params } = ctx.oidc;
  let claims;
  try {
    ({ payload: claims } = await jose.jwtVerify(params.assertion ?? '',
      bearerKey(client), { audience: issuer, issuer: client.clientId,
        clockTolerance: 10, maxTokenAge: 60,
        requiredClaims: ['exp', 'iat', 'jti', 'sub'] }));
  } catch (e) {
    throw new Refused(e.message);
  }
  if (used.jti.has(claims.jti)) throw new Refused('this assertion was used before');
  if (claims.sub !== 'robot@example.com' || claims.team?.[0] !== 'shop')
    throw new Refused('claims are not those that were configured');
  issue(ctx);
}, ['assertion', 'scope']);

provider.registerGrantType(`${urn}grant-type:token-exchange`, (ctx) => {
  const { params } = ctx.oidc;
  const type = `${urn}token-type:access_token`;
  if (params.subject_token_type !== type || !(issued.get(params.subject_token) > now()))
    throw new Refused('the subject is no token of this server');
  if (params.actor_token_type !== `${urn}token-type:jwt` ||
      params.actor_token !== file('actor').toString().trim())
    throw new Refused('the actor is another one');
  issue(ctx, { issued_token_type: type });
}, ['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type',
  'audience', 'resource', 'requested_token_type', 'scope'], ['resource']);

provider.use(async (ctx, next) => {
  await next();
  if (ctx.oidc?.route === 'token') note(ctx);
});
provider.on('server_error', (ctx, e) => console.error('server error', e));
provider.on('grant.error', (ctx, e) => console.error('refused',
  ctx.oidc?.client?.clientId, e.message, e.error_description ?? '', e.error_detail ?? ''));

// A first refresh token, as if somebody had logged in.
const seed = async (name) => {
  const client = await provider.Client.find(name);
  const grant = new provider.Grant({ accountId: 'robot', clientId: name });
  grant.addOIDCScope('openid offline_access');
  const grantId = await grant.save();
  return new provider.RefreshToken({ accountId: 'robot', client, grantId,
    scope: 'openid offline_access', gty: 'authorization_code', claims: {},
    authTime: now() }).save();
};

// ---- in front of it --------------------------------------------------------

// A server that never heard of form-encoding in Basic.
const rawOnly = (request) => {
  const [, text] = (request.headers.authorization ?? '').split(' ');
  const both = Buffer.from(text ?? '', 'base64').toString();
  const encode = (half) => encodeURIComponent(half);
  request.url = '/token';
  if (both === `raw ${oddId}:${oddSecret}`)
    request.headers.authorization = 'Basic ' +
      Buffer.from(`${encode(`raw ${oddId}`)}:${encode(oddSecret)}`).toString('base64');
  else
    request.headers.authorization = 'Basic ' +
      Buffer.from(`${encode(`raw ${oddId}`)}:wrong`).toString('base64');
};

const handle = provider.callback();
const front = (request, response) => {
  if (request.url === '/raw/token') rawOnly(request);
  handle(request, response);
};

const plain = async (request, response) => {
  const [, word, name] = request.url.split('/');
  if (word === 'seen')
    response.end([...seen].map(([k, v]) => `${k} ${v}\n`).join(''));
  else if (word === 'seed')
    response.end(`${await seed(name)}\n`);
  else if (word === 'lose')
    response.end(`${[...lost.add(name)].length}\n`);
  else if (word === 'dpop') {
    count('ok.dpop');
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ access_token: 'bound-to-a-key',
      token_type: 'DPoP', expires_in: life }));
  } else {
    response.statusCode = 404;
    response.end();
  }
};

const other = new OAuth2Server();
await other.issuer.keys.generate('RS256');
other.service.on('beforeTokenSigning', (token) => {
  token.payload.exp = token.payload.iat + life;
});
other.service.on('beforeResponse', (answer) => {
  count('ok.other');
  answer.body.expires_in = life;
});

const tls = { key: file('server.key'), cert: file('server.crt'), ca: file('ca.crt') };
const listen = (server, at) => new Promise((done) => { server.listen(Number(at), host, done); });
writeAssertion();
await listen(https.createServer(tls, front), port);
await listen(https.createServer({ ...tls, requestCert: true,
  rejectUnauthorized: false }, front), tlsPort);
await listen(http.createServer(plain), plainPort);
await other.start(Number(otherPort), host);
other.issuer.url = `http://${host}:${otherPort}`;
setInterval(writeAssertion, 20000);
console.log('ready');
