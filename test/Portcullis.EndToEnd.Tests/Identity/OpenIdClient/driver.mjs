// Drives a token service with openid-client, a certified client, and prints what came of it as one JSON object. What the client itself objects to
// ends the program. What it is given stands in the environment: ISSUER, CLIENT_ID and CLIENT_SECRET or KEY_FILE (PKCS#8 in PEM).
//   node driver.mjs service            client credentials, introspection, revocation
//   node driver.mjs code               authorization code with PKCE, user info, refresh, revocation. REDIRECT_URI, and either SESSION_COOKIE (the
//                                      Cookie field of a browser that is signed in), or a browser: the address to open is printed as first line, and
//                                      the address that it was sent back to is read from standard input.
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import * as client from 'openid-client';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, CLIENT_AUTHENTICATION, KEY_FILE, SCOPE, REDIRECT_URI, SESSION_COOKIE } = process.env;

async function authentication() {
  if (KEY_FILE) {
    const der = Buffer.from(readFileSync(KEY_FILE, 'utf8').replace(/-----[^-]+-----|\s/g, ''), 'base64');
    return client.PrivateKeyJwt(await webcrypto.subtle.importKey('pkcs8', der, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']));
  }

  if (!CLIENT_SECRET) return client.None();
  return CLIENT_AUTHENTICATION === 'post' ? client.ClientSecretPost(CLIENT_SECRET) : client.ClientSecretBasic(CLIENT_SECRET);
}

async function service(config) {
  const tokens = await client.clientCredentialsGrant(config, SCOPE ? { scope: SCOPE } : {});
  const before = await client.tokenIntrospection(config, tokens.access_token);
  const second = await client.clientCredentialsGrant(config);
  await client.tokenRevocation(config, tokens.access_token, { token_type_hint: 'access_token' });
  await client.tokenRevocation(config, 'no-token-at-all');
  return {
    tokens, before,
    after: await client.tokenIntrospection(config, tokens.access_token),
    other: await client.tokenIntrospection(config, second.access_token),
    revoked: tokens.access_token, valid: second.access_token,
  };
}

async function comeBack(address) {
  if (SESSION_COOKIE) {
    const response = await fetch(address, { redirect: 'manual', headers: { Cookie: SESSION_COOKIE } });
    return new URL(response.headers.get('location'));
  }

  console.log(address.href);
  return new URL((await createInterface({ input: process.stdin }).question('')).trim());
}

async function code(config) {
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const callback = await comeBack(client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI, scope: SCOPE ?? 'openid profile email', state, nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }));

  // Checks iss, state and the ID token: signature, nonce, at_hash, times.
  const tokens = await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
  const claims = tokens.claims();
  const userInfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  await client.tokenRevocation(config, refreshed.refresh_token);
  const ended = await client.refreshTokenGrant(config, refreshed.refresh_token).then(() => null, (error) => error.error);
  return { tokens, claims, userInfo, refreshed, ended };
}

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, await authentication());
const run = { service, code }[process.argv[2]];
console.log(JSON.stringify({ metadata: config.serverMetadata(), ...(await run(config)) }));
