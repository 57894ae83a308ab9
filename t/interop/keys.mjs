// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// openid-client as a client that proves itself by signatures, and whose tokens are bound to a key of its own.
import "../node18.mjs";
import * as openid from "openid-client";
import { done, is, ok } from "../tap.mjs";

const issuer = new URL(process.env.ISSUER), insecure = { execute: [openid.allowInsecureRequests] };
const discover = (client, authentication) => openid.discovery(issuer, client, {}, authentication, insecure);
const der = Buffer.from(process.env.SIGNER_KEY, "base64");
const key = await crypto.subtle.importKey("pkcs8", der, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);

try {
    const config = await discover("signer", openid.PrivateKeyJwt({ key, kid: "signer-1" }));
    ok((await openid.clientCredentialsGrant(config)).access_token, "private_key_jwt");
    ok((await openid.clientCredentialsGrant(config)).access_token, "a new assertion each time");
    const stranger = await discover("signer", openid.PrivateKeyJwt({ key: (await openid.randomDPoPKeyPair()).privateKey, kid: "signer-1" }));
    is((await openid.clientCredentialsGrant(stranger).catch(error => error)).error, "invalid_client", "another key is refused as it expects");
    const hmac = await discover("hmac", openid.ClientSecretJwt(process.env.HMAC_SECRET));
    ok((await openid.clientCredentialsGrant(hmac)).access_token, "client_secret_jwt");
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256"));
    const bound = await openid.clientCredentialsGrant(config, { scope: "openid" }, { DPoP });
    is(bound.token_type, "dpop", "a DPoP token");
    ok((await openid.fetchUserInfo(config, bound.access_token, openid.skipSubjectCheck, { DPoP })).sub, "and its proof at userinfo");
    const bare = await openid.fetchUserInfo(config, bound.access_token, openid.skipSubjectCheck).catch(error => error);
    is(bare.status, 401, "without it the token is nothing");
} catch (error) {
    ok(false, "the walk goes to its end", `${error.stack} ${error.cause?.message ?? error.error ?? ""}`);
}
done();
