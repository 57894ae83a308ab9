// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// openid-client, oauth4webapi and jose against the acme realm. They check issuer, state, nonce, at_hash, signatures and the shape of each
// answer by themselves, and throw where something is not as the standards say.
import "../node18.mjs";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { done, is, ok } from "../tap.mjs";

const { ISSUER, AGENT } = process.env;
const issuer = new URL(ISSUER);
const echo = { client_id: "echo", secret: "echo-secret", redirect_uri: "http://app.test/cb" };
const ALICE = "cc3d2665-1b70-4c12-aa35-4f78ad826e1a";

async function signIn(url) {
    const answer = await fetch(`${AGENT}?url=${encodeURIComponent(url)}`);
    return new URL(await answer.text());
}

// The code flow with PKCE, state and nonce; `send` makes the URL of the authorization.
async function signInByCode(config, send = openid.buildAuthorizationUrl) {
    const pkceCodeVerifier = openid.randomPKCECodeVerifier(), expectedState = openid.randomState(), expectedNonce = openid.randomNonce();
    const back = await signIn(await send(config, {
        redirect_uri: echo.redirect_uri, scope: "openid profile email", state: expectedState, nonce: expectedNonce,
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
    }));
    return openid.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true });
}

async function discover(authentication) {
    const config = await openid.discovery(issuer, echo.client_id, {}, authentication, { execute: [openid.allowInsecureRequests] });
    openid.enableNonRepudiationChecks(config); // ID tokens' signatures too, though they come from the provider itself
    return config;
}

async function withOpenidClient() {
    const config = await discover(openid.ClientSecretBasic(echo.secret));
    const tokens = await signInByCode(config);
    is(tokens.claims().sub, ALICE, "openid-client: code flow");
    is((await openid.fetchUserInfo(config, tokens.access_token, ALICE)).preferred_username, "alice", "openid-client: userinfo");
    const fresh = await openid.refreshTokenGrant(config, tokens.refresh_token);
    is(fresh.claims().sub, ALICE, "openid-client: refresh");
    is((await openid.tokenIntrospection(config, fresh.access_token)).active, true, "openid-client: introspection");
    await openid.tokenRevocation(config, fresh.access_token);
    is((await openid.tokenIntrospection(config, fresh.access_token)).active, false, "openid-client: revocation");
    const machine = await openid.clientCredentialsGrant(config, { scope: "profile" });
    ok(machine.access_token && !machine.refresh_token, "openid-client: client credentials");
    const end = openid.buildEndSessionUrl(config, { id_token_hint: fresh.id_token, post_logout_redirect_uri: "http://app.test/bye", state: "s" });
    is((await fetch(end, { redirect: "manual" })).headers.get("location"), "http://app.test/bye?state=s", "openid-client: end of the session");
    const late = await openid.refreshTokenGrant(config, fresh.refresh_token).catch(error => error);
    is([late.name, late.error, late.status], ["ResponseBodyError", "invalid_grant", 400], "openid-client: and no refresh after it");
    const wrong = await discover(openid.ClientSecretPost("no"));
    is((await openid.clientCredentialsGrant(wrong).catch(error => error)).status, 401, "openid-client: a wrong secret is refused as it expects");
}

async function withNewerStandards() {
    const config = await discover(openid.ClientSecretPost(echo.secret));
    is((await signInByCode(config, openid.buildAuthorizationUrlWithPAR)).claims().sub, ALICE, "openid-client: pushed authorization request");
    const signed = await discover(openid.ClientSecretPost(echo.secret));
    openid.useJwtResponseMode(signed);
    const { access_token } = await signInByCode(signed);
    ok(access_token, "openid-client: signed authorization response (JARM)");
    const exchanged = await openid.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:token-exchange", {
        subject_token: access_token, subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
    is(exchanged.issued_token_type, "urn:ietf:params:oauth:token-type:access_token", "openid-client: token exchange");
    const device = await openid.initiateDeviceAuthorization(config, { scope: "openid" });
    await signIn(device.verification_uri_complete);
    is((await openid.pollDeviceAuthorizationGrant(config, device)).claims().sub, ALICE, "openid-client: device flow");
    const asked = await openid.initiateBackchannelAuthentication(config, { scope: "openid", login_hint: "alice", binding_message: "W4SCT" });
    is((await openid.pollBackchannelAuthenticationGrant(config, asked)).claims().sub, ALICE, "openid-client: backchannel authentication");
}

async function withOauth4webapi() {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    const client = { client_id: "spa" }, redirect = "http://localhost:3000/cb"; // a public client
    const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState(), nonce = oauth.generateRandomNonce();
    const url = new URL(server.authorization_endpoint);
    url.search = new URLSearchParams({
        client_id: client.client_id, redirect_uri: redirect, response_type: "code", scope: "openid email", state, nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
    });
    const parameters = oauth.validateAuthResponse(server, client, await signIn(url), state); // with iss, RFC 9207
    const answer = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), parameters, redirect, verifier, insecure);
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true });
    await oauth.validateApplicationLevelSignature(server, answer, insecure);
    is(oauth.getValidatedIdTokenClaims(tokens).sub, ALICE, "oauth4webapi: a public client's code flow");
    const info = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
    is((await oauth.processUserInfoResponse(server, client, ALICE, info)).email, "alice@example.test", "oauth4webapi: userinfo");
    const again = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token, insecure);
    ok((await oauth.processRefreshTokenResponse(server, client, again)).refresh_token, "oauth4webapi: refresh");
    const bad = await oauth.userInfoRequest(server, client, "rubbish", insecure);
    const challenge = await oauth.processUserInfoResponse(server, client, ALICE, bad).catch(error => error);
    is([challenge.name, challenge.cause?.[0]?.parameters?.error], ["WWWAuthenticateChallengeError", "invalid_token"], "oauth4webapi: the challenge for a bad token is understood");
    await withJose(server, tokens.access_token);
}

async function withJose(server, token) {
    const keys = createRemoteJWKSet(new URL(server.jwks_uri));
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: ISSUER, typ: "JWT", algorithms: ["RS256"] });
    is([payload.sub, protectedHeader.alg], [ALICE, "RS256"], "jose: an access token verifies by the published keys");
    const other = await jwtVerify(token, keys, { issuer: `${ISSUER}x` }).catch(error => error.code);
    is(other, "ERR_JWT_CLAIM_VALIDATION_FAILED", "jose: and only for its issuer");
}

for (const flow of [withOpenidClient, withNewerStandards, withOauth4webapi]) {
    try {
        await flow();
    } catch (error) {
        ok(false, `${flow.name} goes to its end`, `${error.stack} ${error.cause?.message ?? error.error ?? ""}`);
    }
}
done();
