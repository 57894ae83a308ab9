// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// openid-client as a client that proves itself by a signature or a certificate, whose tokens are bound to a key of its own, to whom answers are
// encrypted, and who signs what it asks. It checks each answer by itself, and throws where something is not as the standards say.
import "../node18.mjs";
import { readFileSync } from "node:fs";
import https from "node:https";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as openid from "openid-client";
import { done, is, ok } from "../tap.mjs";

const { ISSUER, TLS_ISSUER, AGENT, CERTIFICATE, AUTHORITY, HMAC_SECRET } = process.env;
const ALICE = "cc3d2665-1b70-4c12-aa35-4f78ad826e1a", redirect_uri = "http://app.test/cb";
const DER = Object.fromEntries(Object.entries(JSON.parse(process.env.KEYS)).map(([name, key]) => [name, Buffer.from(key, "base64")]));
const signer = { key: await crypto.subtle.importKey("pkcs8", DER.signer, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]), kid: "signer-1" };
const bySignature = openid.PrivateKeyJwt(signer);

const discover = (client, authentication = bySignature, issuer = ISSUER, more = {}) =>
    openid.discovery(new URL(issuer), client, {}, authentication, { execute: [openid.allowInsecureRequests], ...more });

async function signIn(url) {
    const answer = await fetch(`${AGENT}?url=${encodeURIComponent(url)}`);
    return new URL(await answer.text());
}

// The code flow; `ask` makes the URL of the authorization.
async function byCode(config, { ask = openid.buildAuthorizationUrl, options, scope = "openid email" } = {}) {
    const pkceCodeVerifier = openid.randomPKCECodeVerifier(), expectedState = openid.randomState(), expectedNonce = openid.randomNonce();
    const back = await signIn(await ask(config, {
        redirect_uri, scope, state: expectedState, nonce: expectedNonce,
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
    }));
    return openid.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }, undefined, options);
}

const refused = promise => promise.then(() => "accepted", error => error.error ?? error.cause?.[0]?.parameters?.error ?? error.code ?? error.message);

async function withAssertions() {
    const config = await discover("signer");
    ok((await openid.clientCredentialsGrant(config)).access_token, "private_key_jwt");
    ok((await openid.clientCredentialsGrant(config)).access_token, "a new assertion each time");
    const stranger = await discover("signer", openid.PrivateKeyJwt({ key: (await openid.randomDPoPKeyPair()).privateKey, kid: "signer-1" }));
    is(await refused(openid.clientCredentialsGrant(stranger)), "invalid_client", "another key is refused as it expects");
    const hmac = await discover("hmac", openid.ClientSecretJwt(HMAC_SECRET));
    ok((await openid.clientCredentialsGrant(hmac)).access_token, "client_secret_jwt");
    const { access_token } = await byCode(config);
    is((await openid.tokenIntrospection(config, access_token)).username, "alice", "private_key_jwt: code flow, introspection");
    const token = "urn:ietf:params:oauth:token-type:access_token";
    const exchanged = await openid.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:token-exchange", { subject_token: access_token, subject_token_type: token });
    is(exchanged.issued_token_type, token, "private_key_jwt: token exchange");
    await openid.tokenRevocation(config, access_token);
    is((await openid.tokenIntrospection(config, access_token)).active, false, "private_key_jwt: revocation");
}

// The key in the proof is the token's from the code to the last refresh (RFC 9449).
async function withProofs() {
    const config = await discover("bound"), DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256")), options = { DPoP };
    const machine = await openid.clientCredentialsGrant(config, { scope: "openid" }, options);
    is(machine.token_type, "dpop", "DPoP: client credentials");
    ok((await openid.fetchUserInfo(config, machine.access_token, openid.skipSubjectCheck, options)).sub, "DPoP: its proof at userinfo");
    is(await refused(openid.fetchUserInfo(config, machine.access_token, openid.skipSubjectCheck)), "invalid_token", "DPoP: without it the token is nothing");
    is(await refused(openid.clientCredentialsGrant(config)), "invalid_request", "DPoP: and the client must have one");
    const tokens = await byCode(config, { ask: (...given) => openid.buildAuthorizationUrlWithPAR(...given, options), options });
    is([tokens.token_type, tokens.claims().sub], ["dpop", ALICE], "DPoP: pushed request with dpop_jkt, code flow");
    is((await openid.refreshTokenGrant(config, tokens.refresh_token, {}, options)).token_type, "dpop", "DPoP: refresh");
    is((await openid.tokenIntrospection(config, tokens.access_token)).cnf.jkt, await DPoP.calculateThumbprint(), "DPoP: introspection names the key");
    const device = await openid.initiateDeviceAuthorization(config, { scope: "openid" });
    await signIn(device.verification_uri_complete);
    is((await openid.pollDeviceAuthorizationGrant(config, device, {}, options)).token_type, "dpop", "DPoP: device flow");
    const asked = await openid.initiateBackchannelAuthentication(config, { scope: "openid", login_hint: "alice" });
    is((await openid.pollBackchannelAuthenticationGrant(config, asked, {}, options)).token_type, "dpop", "DPoP: backchannel authentication (CIBA, poll)");
}

// A fetch that shows a certificate, which Node's own cannot.
function fetchShowing(certificate) {
    const identity = certificate ? { cert: readFileSync(`${certificate}.pem`), key: readFileSync(`${certificate}.key`) } : {};
    const agent = new https.Agent({ ca: readFileSync(`${AUTHORITY}.pem`), ...identity });
    return (url, { method, headers, body }) => new Promise((resolve, reject) => {
        const request = https.request(url, { method, headers: Object.fromEntries(new Headers(headers)), agent }, async answer => {
            const parts = await answer.toArray();
            resolve(new Response(Buffer.concat(parts), { status: answer.statusCode, headers: answer.headers }));
        });
        request.on("error", reject).end(body?.toString());
    });
}

async function withCertificate() {
    const by = certificate => discover("machine", openid.TlsClientAuth(), TLS_ISSUER, { [openid.customFetch]: fetchShowing(certificate) });
    const config = await by(CERTIFICATE), bare = await by(null);
    const person = { username: "alice", password: "wonderland1", scope: "openid" };
    const { access_token, refresh_token } = await openid.genericGrantRequest(config, "password", person);
    ok((await openid.tokenIntrospection(config, access_token)).cnf["x5t#S256"], "tls_client_auth: the token is bound to the certificate");
    is((await openid.fetchUserInfo(config, access_token, ALICE)).preferred_username, "alice", "tls_client_auth: userinfo with it");
    is(await refused(openid.fetchUserInfo(bare, access_token, ALICE)), "invalid_token", "tls_client_auth: and not without");
    ok((await openid.refreshTokenGrant(config, refresh_token)).access_token, "tls_client_auth: refresh");
    is(await refused(openid.refreshTokenGrant(bare, refresh_token)), "invalid_client", "tls_client_auth: none is no client");
    ok((await openid.buildAuthorizationUrlWithPAR(config, { redirect_uri, scope: "openid" })).searchParams.get("request_uri"), "tls_client_auth: pushed request");
}

// OpenID Connect Core 6.1, and Keycloak with it: the response type stands beside the request object, too.
async function withObject(config, parameters, key) {
    const url = await openid.buildAuthorizationUrlWithJAR(config, parameters, key);
    url.searchParams.set("response_type", "code");
    return url;
}

const signed = (config, parameters) => withObject(config, parameters, signer);
const signedAndPushed = async (config, parameters) => openid.buildAuthorizationUrlWithPAR(config, (await signed(config, parameters)).searchParams);

async function withRequestObjects() {
    const asker = await discover("asker"), pusher = await discover("pusher");
    is((await byCode(asker, { ask: signed })).claims().sub, ALICE, "a signed request object");
    is((await byCode(pusher, { ask: signedAndPushed })).claims().sub, ALICE, "a signed request object, pushed");
    const stranger = { key: (await openid.randomDPoPKeyPair("ES256")).privateKey, kid: signer.kid };
    const forged = (config, parameters) => withObject(config, parameters, stranger);
    const page = await fetch(await forged(asker, { redirect_uri, scope: "openid" }), { redirect: "manual" });
    is(page.status, 400, "a request object of somebody else's key gets a page");
    const plain = await fetch(openid.buildAuthorizationUrl(asker, { redirect_uri, scope: "openid" }), { redirect: "manual" });
    is(plain.status, 400, "and so does a request without one");
}

// Header of the outer part: a compact JWE has five.
const sealedBy = text => text.split(".").length === 5 && JSON.parse(Buffer.from(text.split(".")[0], "base64url")).alg;

async function withEncryption(alg, enc, name) {
    const config = await discover(alg);
    const way = name === "rsa" ? { name: "RSA-OAEP", hash: alg === "RSA-OAEP" ? "SHA-1" : "SHA-256" } : { name: "ECDH", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("pkcs8", DER[name], way, false, name === "rsa" ? ["decrypt"] : ["deriveBits"]);
    let outer;
    openid.useJwtResponseMode(config);
    openid.enableNonRepudiationChecks(config); // signatures within, too
    openid.enableDecryptingResponses(config, [enc], name === "rsa" ? { key, kid: `seal-${name}` } : { key, alg, kid: `seal-${name}` });
    config[openid.customFetch] = async (url, options) => {
        const answer = await fetch(url, options), text = await answer.text();
        outer = answer.headers.get("content-type").startsWith("application/jwt") ? text : JSON.parse(text).id_token ?? outer;
        return new Response(text, { status: answer.status, headers: answer.headers });
    };
    const tokens = await byCode(config);
    is([tokens.claims().sub, sealedBy(tokens.id_token)], [ALICE, alg], `${alg}, ${enc}: authorization response and ID token`);
    is((await openid.fetchUserInfo(config, tokens.access_token, ALICE)).email, "alice@example.test", `${alg}, ${enc}: userinfo`);
    is(sealedBy(outer), alg, `${alg}, ${enc}: which was encrypted`);
}

// Introspection as a JWT: Keycloak's way is a member `jwt` beside the claims.
async function withSignedIntrospection() {
    const config = await discover("inspector", openid.ClientSecretJwt(HMAC_SECRET)), tokens = await byCode(config);
    config[openid.customFetch] = (url, options) => {
        const headers = new Headers(options.headers);
        headers.set("accept", "application/jwt");
        return fetch(url, { ...options, headers });
    };
    const { active, jwt } = await openid.tokenIntrospection(config, tokens.access_token);
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
    const { payload } = await jwtVerify(jwt, keys, { issuer: ISSUER });
    is([active, payload.sub], [true, ALICE], "introspection as a JWT, verified by jose");
}

const FLOWS = [
    ["client assertions", withAssertions], ["proofs", withProofs], ["certificates", withCertificate], ["request objects", withRequestObjects],
    ["signed introspection", withSignedIntrospection], ...JSON.parse(process.env.SEALED).map(sealing => [sealing[0], () => withEncryption(...sealing)]),
];
for (const [name, flow] of FLOWS) {
    try {
        await flow();
    } catch (error) {
        ok(false, `${name}: to the end`, `${error.stack} ${error.cause?.message ?? JSON.stringify(error.cause) ?? error.error ?? ""} ${error.error_description ?? ""}`);
    }
}
done();
