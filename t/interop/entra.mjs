// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// A stand-in for Microsoft Entra ID and Graph: oidc-provider, a certified OpenID provider, with Entra's paths, claims, errors and quirks.
// PUT /control with JSON changes how it behaves; GET /control tells what it was asked. See `control` below.
import "../node18.mjs";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT, decodeJwt, decodeProtectedHeader, jwtVerify, createLocalJWKSet } from "jose";
import Provider from "oidc-provider";
import { setStorage } from "oidc-provider/lib/adapters/memory_adapter.js";

const port = Number(process.env.PORT), base = `http://127.0.0.1:${port}`;
const TENANTS = process.env.TENANTS.split(",");
const CLIENTS = process.env.CLIENT_IDS.split(","), SECRET = process.env.CLIENT_SECRET, REDIRECTS = process.env.REDIRECT_URIS.split(" ");

const many = Array.from({ length: 450 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`);
const users = {
    alice: { oid: "aaaaaaaa-0000-4000-8000-000000000001", name: "Alice Andersson", given_name: "Alice", family_name: "Andersson", email: "alice.andersson@contoso.test",
             preferred_username: "Alice.Andersson@contoso.test", roles: ["Orders.Admin"], groups: ["11111111-0000-4000-8000-000000000001"], xms_edov: true },
    bob: { oid: "aaaaaaaa-0000-4000-8000-000000000002", name: "Bob Berg", given_name: "Bob", family_name: "Berg", preferred_username: "bob@contoso.test", roles: ["Orders.Read"], groups: [] },
    many: { oid: "aaaaaaaa-0000-4000-8000-000000000003", name: "Mona Many", given_name: "Mona", family_name: "Many", email: "mona@contoso.test", preferred_username: "mona@contoso.test",
            roles: [], groups: many },
    guest: { oid: "aaaaaaaa-0000-4000-8000-000000000004", name: "Gus Guest", given_name: "Gus", family_name: "Guest", email: "boss@home.test", preferred_username: "gus_other.test#EXT#@contoso.test",
             roles: [], groups: [], acct: 1, xms_edov: false },
};
const fresh = () => ({
    deny: null,        // error and description that the authorization endpoint answers with
    token: null,       // what the token endpoint does instead: "html", "big", "down", or {status, error, description}
    delay: 0,          // milliseconds before the token endpoint answers
    claims: {},        // that the ID token says instead; null leaves one out
    graph: 200,        // status of Graph
    graphForUsers: 200, // status of Graph where it is asked with the token of a user
    tenant: TENANTS[0], // of who comes by /common
    users: {},         // changes to users: {"alice": {"roles": []}}
});
let control = fresh(), seen = [];

/* --- keys: without alg, as Entra's --- */

let keys = [];
async function rotate() {
    const kid = `key-${keys.length + 1}`, { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    keys = [{ kid, privateKey, jwk: { ...(await exportJWK(privateKey)), kid, use: "sig" }, shown: { ...(await exportJWK(publicKey)), kid, use: "sig" } }, ...keys];
    for (const tenant of TENANTS)
        providers[tenant] = makeProvider(tenant);
}
const workload = await generateKeyPair("RS256");
const federated = await new SignJWT({}).setProtectedHeader({ alg: "RS256", kid: "cluster" }).setIssuer("https://cluster.test").setSubject("system:serviceaccount:sso:latchkey")
    .setAudience("api://AzureADTokenExchange").setExpirationTime("1h").sign(workload.privateKey);

/* --- the provider of a tenant --- */

setStorage(new Map()); // its own forgets the first of two hundred who wait at once
const providers = {};
const userOf = name => users[name] && { ...users[name], ...control.users[name] };

function makeProvider(tenant) {
    const config = {
        clients: CLIENTS.map(id => ({ client_id: id, client_secret: SECRET, redirect_uris: REDIRECTS, post_logout_redirect_uris: REDIRECTS.map(uri => `${uri}/logout_response`),
                                      token_endpoint_auth_method: "client_secret_post", subject_type: "pairwise" })),
        jwks: { keys: [keys[0].jwk] },
        cookies: { keys: ["stand-in"] },
        subjectTypes: ["pairwise"],
        pairwiseIdentifier: (ctx, accountId, client) => `${accountId}~${client.clientId.slice(0, 4)}`,
        pkce: { required: () => false },
        conformIdTokenClaims: false,
        scopes: ["openid", "profile", "email", "offline_access", "User.Read"],
        claims: {
            openid: ["sub", "oid", "tid", "ver", "roles", "groups", "acct", "xms_edov", "_claim_names", "_claim_sources"],
            profile: ["name", "given_name", "family_name", "preferred_username"], email: ["email"],
        },
        features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true, logoutSource: askLogout }, userinfo: { enabled: true } },
        routes: { authorization: "/oauth2/v2.0/authorize", token: "/oauth2/v2.0/token", end_session: "/oauth2/v2.0/logout", jwks: "/discovery/v2.0/keys", userinfo: "/oidc/userinfo" },
        interactions: { url: (ctx, interaction) => `/${tenant}/login/${interaction.uid}` },
        loadExistingGrant: async ctx => {
            const grant = new ctx.oidc.provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
            grant.addOIDCScope("openid profile email offline_access User.Read");
            await grant.save();
            return grant;
        },
        findAccount: (ctx, id) => userOf(id) && { accountId: id, claims: () => claimsOf(tenant, id) },
    };
    const provider = new Provider(`${base}/${tenant}/v2.0`, config);
    provider.on("server_error", (ctx, error) => console.log(error.stack));
    return provider;
}

function claimsOf(tenant, id) {
    const { groups, ...user } = userOf(id), claims = { sub: id, tid: tenant, ver: "2.0", ...user };
    if (groups.length > 200) {
        claims._claim_names = { groups: "src1" };
        claims._claim_sources = { src1: { endpoint: `https://graph.windows.net/${tenant}/users/${user.oid}/getMemberObjects` } };
    } else if (groups.length) {
        claims.groups = groups;
    }
    return claims;
}

function askLogout(ctx, form) {
    ctx.body = `<!doctype html><title>Sign out</title>${form}<button form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>`;
}

/* --- requests --- */

const read = async req => { let text = ""; for await (const chunk of req) text += chunk; return text; };
function send(res, status, body, type = "application/json") {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    res.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(text) }).end(text);
}

async function signIn(req, res, tenant) {
    const provider = providers[tenant];
    if (req.method === "GET")
        return send(res, 200, '<!doctype html><title>Sign in to your account</title><form method="post" id="i0281"><input name="login" id="i0116"><button id="idSIButton9">Next</button></form>', "text/html");
    const login = new URLSearchParams(await read(req)).get("login");
    return provider.interactionFinished(req, res, { login: { accountId: login } }, { mergeWithLastSubmission: false });
}

/* Entra's codes stand in its descriptions. */
function deny(res, url) {
    const to = new URL(url.searchParams.get("redirect_uri"));
    to.searchParams.set("error", control.deny[0]);
    to.searchParams.set("error_description", control.deny[1]);
    to.searchParams.set("state", url.searchParams.get("state"));
    res.writeHead(302, { Location: to.href }).end();
}

async function checkAssertion(form) {
    const { payload } = await jwtVerify(form.get("client_assertion"), workload.publicKey, { issuer: "https://cluster.test", audience: "api://AzureADTokenExchange" });
    if (payload.sub !== "system:serviceaccount:sso:latchkey" || form.get("client_assertion_type") !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        throw new Error("AADSTS70021");
    form.delete("client_assertion");
    form.delete("client_assertion_type");
    form.set("client_secret", SECRET);
}

async function token(req, res, tenant) {
    const form = new URLSearchParams(await read(req));
    seen.push({ token: Object.fromEntries(form) });
    if (control.delay)
        await new Promise(done => setTimeout(done, control.delay));
    if (control.token === "down")
        return req.socket.destroy();
    if (control.token === "html")
        return send(res, 200, "<html><body>Service unavailable</body></html>", "text/html");
    if (control.token === "big")
        return send(res, 200, JSON.stringify({ access_token: "x".repeat(5 * 1024 * 1024) }));
    if (control.token)
        return send(res, control.token.status, { error: control.token.error, error_description: control.token.description, error_codes: [7000215] });
    if (form.get("client_assertion"))
        await checkAssertion(form);
    else if (form.get("client_id") !== CLIENTS[0]) // which has no secret
        return send(res, 401, { error: "invalid_client", error_description: "AADSTS7000218: client_assertion or client_secret" });
    if (form.get("grant_type") === "client_credentials")
        return send(res, 200, { token_type: "Bearer", expires_in: 3599, access_token: "application" });
    req.body = Object.fromEntries(form);
    return rewrite(req, res, tenant, forge);
}

/* Hands the provider's JSON to `change` before it is sent. */
function rewrite(req, res, tenant, change) {
    const end = res.end.bind(res), head = res.writeHead.bind(res);
    let status = 200;
    res.writeHead = code => { status = code; return res; };
    res.end = async body => {
        res.writeHead = head;
        res.end = end;
        const text = body ? body.toString() : "{}", changed = res.statusCode < 400 ? await change(JSON.parse(text)) : JSON.parse(text);
        const out = JSON.stringify(changed);
        res.removeHeader("Content-Length");
        res.writeHead(res.statusCode || status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(out) });
        end(out);
    };
    return pass(req, res, tenant);
}

async function forge(answer) {
    if (!answer.id_token || !Object.keys(control.claims).length)
        return answer;
    const claims = { ...decodeJwt(answer.id_token), ...control.claims }, header = decodeProtectedHeader(answer.id_token);
    for (const [name, value] of Object.entries(claims))
        if (value === null)
            delete claims[name];
    return { ...answer, id_token: await new SignJWT(claims).setProtectedHeader(header).sign(keys[0].privateKey) };
}

/* The answer to the browser has session_state and no iss. */
function pass(req, res, tenant) {
    const set = res.setHeader.bind(res);
    res.setHeader = (name, value) => {
        if (name.toLowerCase() === "location" && REDIRECTS.some(uri => value.startsWith(`${uri}?`))) {
            const to = new URL(value);
            to.searchParams.delete("iss");
            to.searchParams.set("session_state", "00000000-1111-4000-8000-000000000000");
            value = to.href;
        }
        return set(name, value);
    };
    req.originalUrl = req.url;
    req.url = req.url.slice(tenant.length + 1);
    return providers[tenant].callback()(req, res);
}

async function graph(req, res, url) {
    const skip = Number(url.searchParams.get("$skiptoken") || 0), page = 200;
    seen.push({ graph: url.pathname + url.search, body: await read(req) });
    const status = req.headers.authorization === "Bearer application" ? control.graph : Math.max(control.graph, control.graphForUsers);
    if (status !== 200 || !req.headers.authorization)
        return send(res, status, { error: { code: "Authorization_RequestDenied", message: "Insufficient privileges to complete the operation." } });
    const next = skip + page < many.length ? { "@odata.nextLink": `${base}${url.pathname}?$skiptoken=${skip + page}` } : {};
    return send(res, 200, { "@odata.context": `${base}/v1.0/$metadata#Collection(Edm.String)`, ...next, value: many.slice(skip, skip + page) });
}

async function discovery(res, tenant, shown) {
    const of = `${base}/${shown}`;
    return send(res, 200, {
        issuer: `${base}/${TENANTS.includes(shown) ? tenant : "{tenantid}"}/v2.0`, authorization_endpoint: `${of}/oauth2/v2.0/authorize`, token_endpoint: `${of}/oauth2/v2.0/token`,
        jwks_uri: `${of}/discovery/v2.0/keys`, userinfo_endpoint: `${base}/${tenant}/oidc/userinfo`, end_session_endpoint: `${of}/oauth2/v2.0/logout`, tenant_region_scope: "EU",
    });
}

async function handle(req, res) {
    const url = new URL(req.url, base), [, shown] = url.pathname.split("/"), rest = url.pathname.slice(shown.length + 1);
    if (shown === "control") {
        if (req.method !== "GET") {
            const { rotate: anew, reset, ...change } = JSON.parse(await read(req));
            control = { ...(reset ? fresh() : control), ...change };
            seen = [];
            if (anew)
                await rotate();
        }
        return send(res, 200, { control, seen, federated });
    }
    if (shown === "v1.0")
        return graph(req, res, url);
    const tenant = TENANTS.includes(shown) ? shown : control.tenant;
    if (shown !== tenant)
        req.url = `/${tenant}${rest}${url.search}`;
    if (rest === "/v2.0/.well-known/openid-configuration")
        return discovery(res, tenant, shown);
    if (rest === "/discovery/v2.0/keys")
        return send(res, 200, { keys: [keys[0].shown] });
    if (rest.startsWith("/login/"))
        return signIn(req, res, tenant);
    if (rest === "/oauth2/v2.0/authorize" && control.deny)
        return deny(res, url);
    if (rest === "/oauth2/v2.0/token")
        return token(req, res, tenant);
    return pass(req, res, tenant);
}

await rotate();
createServer((req, res) => handle(req, res).catch(error => { console.log(error.stack); send(res, 400, { error: "invalid_request", error_description: error.message }); })).listen(port, "127.0.0.1");
