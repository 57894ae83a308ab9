/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/fetch.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/actions.h"
#include "login/page.h"
#include "login/webauthn.h"

/* Registering a security key or a passkey: the required actions webauthn-register and webauthn-register-passwordless (Web
 * Authentication level 2, section 7.1). */

#define MAX_LABEL 255

/* --- the page --- */

/* The realm's algorithms in its order; Keycloak's where it says none. */
static json_t *parameters(lk_arena_t *arena, const lk_realm_t *realm, const lk_webauthn_kind_t *kind)
{
    const json_t *names = lk_webauthn_policy_json(arena, realm, kind, "SignatureAlgorithms"), *name;
    json_t *list = json_array();
    size_t i;
    json_array_foreach((json_t *)names, i, name)
    {
        int64_t alg = json_is_string(name) ? lk_cose_alg(json_string_value(name)) : 0;
        if (alg != 0)
            json_array_append_new(list, json_pack("{s:s, s:I}", "type", "public-key", "alg", (json_int_t)alg));
    }
    if (json_array_size(list) == 0) {
        json_array_append_new(list, json_pack("{s:s, s:i}", "type", "public-key", "alg", -7));
        json_array_append_new(list, json_pack("{s:s, s:i}", "type", "public-key", "alg", -257));
    }
    return list;
}

static json_t *selection(lk_arena_t *arena, const lk_realm_t *realm, const lk_webauthn_kind_t *kind)
{
    const char *resident = lk_webauthn_policy(arena, realm, kind, "ResidentKey"),
               *required = lk_webauthn_policy(arena, realm, kind, "RequireResidentKey");
    if (resident == NULL && ((required != NULL && strcmp(required, "Yes") == 0) ||
                             (kind->passwordless && lk_webauthn_policy_json(arena, realm, kind, "ResidentKey") == NULL)))
        resident = "required";
    return json_pack("{s:s*, s:s*, s:s*, s:o*}", "authenticatorAttachment",
                     lk_webauthn_policy(arena, realm, kind, "AuthenticatorAttachment"), "residentKey", resident, "userVerification",
                     lk_webauthn_verification(arena, realm, kind), "requireResidentKey",
                     resident != NULL ? json_boolean(strcmp(resident, "required") == 0) : NULL);
}

/* PublicKeyCredentialCreationOptions; bytes are base64url, seconds become milliseconds. */
static json_t *options_of(const lk_action_context_t *context, const lk_webauthn_kind_t *kind, json_t *exclude)
{
    const lk_request_t *req = context->req;
    lk_arena_t *arena = req->arena;
    const lk_realm_t *realm = context->realm;
    const char *name = lk_webauthn_policy(arena, realm, kind, "RpEntityName"), *user = context->user->id;
    int64_t timeout = json_integer_value(lk_webauthn_policy_json(arena, realm, kind, "CreateTimeout"));
    return json_pack("{s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:o, s:o, s:o, s:s*, s:o*}", "challenge", context->login->challenge,
                     "rp", "id", lk_webauthn_rp_id(req, realm, kind), "name", name != NULL ? name : "keycloak", "user", "id",
                     lk_base64url(arena, user, strlen(user)), "name", context->user->username, "displayName",
                     context->user->username, "pubKeyCredParams", parameters(arena, realm, kind), "excludeCredentials", exclude,
                     "authenticatorSelection", selection(arena, realm, kind), "attestation",
                     lk_webauthn_policy(arena, realm, kind, "AttestationConveyancePreference"), "timeout",
                     timeout > 0 ? json_integer(timeout * 1000) : NULL);
}

static int avoids_same(const lk_action_context_t *context, const lk_webauthn_kind_t *kind)
{
    return json_is_true(lk_webauthn_policy_json(context->req->arena, context->realm, kind, "AvoidSameAuthenticatorRegister"));
}

static lk_status_t load(const lk_action_context_t *context, const lk_webauthn_kind_t *kind, lk_error_t *err)
{
    lk_rows_t rows = {0};
    lk_webauthn_challenge(context->req, context->login);
    lk_status_t status = lk_webauthn_list(context->req, context->realm, context->user->id, kind, &rows, err);
    if (status != LK_OK)
        return status;
    json_t *exclude = json_array();
    if (avoids_same(context, kind))
        lk_webauthn_describe(context->req->arena, &rows, exclude);
    json_t *options = lk_json_own(context->req->arena, options_of(context, kind, exclude));
    json_object_set_new(context->model, "webauthn", json_pack("{s:s}", "options", lk_json_text(context->req->arena, options)));
    return LK_OK;
}

lk_status_t lk_webauthn_register_load(const lk_action_context_t *context, lk_error_t *err)
{
    return load(context, &lk_webauthn_second_factor, err);
}

lk_status_t lk_passkey_register_load(const lk_action_context_t *context, lk_error_t *err)
{
    return load(context, &lk_webauthn_passwordless, err);
}

/* --- what comes back --- */

/* "01020304-0506-0708-0102-030405060708" */
static const char *uuid_of(lk_arena_t *arena, lk_bytes_t aaguid)
{
    const char *hex = lk_hex(arena, aaguid.base, aaguid.len);
    return lk_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static int is_offered(const lk_action_context_t *context, const lk_webauthn_kind_t *kind, const char *alg)
{
    json_t *offered = lk_json_own(context->req->arena, parameters(context->req->arena, context->realm, kind));
    const json_t *parameter;
    size_t i;
    json_array_foreach(offered, i, parameter)
    {
        if (lk_json_int(parameter, "alg", 0) == lk_cose_alg(alg))
            return 1;
    }
    return 0;
}

/* The same credential a second time, or one of a model that the realm does not accept. */
static lk_status_t check_policy(const lk_action_context_t *context, const lk_webauthn_kind_t *kind,
                                const lk_attestation_t *attestation, lk_error_t *err)
{
    lk_arena_t *arena = context->req->arena;
    const json_t *models = lk_webauthn_policy_json(arena, context->realm, kind, "AcceptableAaguids");
    lk_bytes_t id = attestation->data.credential_id;
    const char *text = lk_base64url(arena, id.base, id.len);
    lk_rows_t rows;
    if (!is_offered(context, kind, attestation->alg))
        return lk_webauthn_refuse(err, "the credential's algorithm is not one of the realm's");
    if (json_array_size(models) != 0 && !lk_json_names(models, uuid_of(arena, attestation->data.aaguid)))
        return lk_webauthn_refuse(err, "the authenticator is of a model that the realm does not accept");
    lk_status_t status = lk_webauthn_list(context->req, context->realm, context->user->id, kind, &rows, err);
    if (status != LK_OK)
        return status;
    json_t *list = lk_json_own(arena, json_array());
    lk_webauthn_describe(arena, &rows, list);
    return lk_json_find(list, "id", text) == NULL ? LK_OK : lk_webauthn_refuse(err, "the credential is registered already");
}

static lk_status_t verify(const lk_action_context_t *context, const lk_webauthn_kind_t *kind, lk_attestation_t *ret_attestation,
                          lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const char *failure = lk_pairs_get(&req->form, "error");
    unsigned char hash[32];
    if (failure != NULL && *failure != '\0')
        return lk_webauthn_refuse(err, lk_printf(req->arena, "the browser says: %.200s", failure));
    lk_status_t status = lk_webauthn_client_data(req, context->realm, kind, context->login, "webauthn.create", hash, err);
    if (status == LK_OK)
        status = lk_attestation_read(req->arena, lk_webauthn_field(req, "attestationObject"), hash, lk_fetch_roots(),
                                     ret_attestation, err);
    if (status == LK_OK)
        status = lk_webauthn_check_data(req, context->realm, kind, &ret_attestation->data, err);
    return status == LK_OK ? check_policy(context, kind, ret_attestation, err) : status;
}

/* "internal,usb" as the browser knows it. */
static json_t *transports_of(const lk_request_t *req)
{
    static const char *const known[] = {"usb", "nfc", "ble", "smart-card", "hybrid", "internal"};
    const char *given = lk_pairs_get(&req->form, "transports");
    json_t *list = json_array();
    for (size_t i = 0; given != NULL && i != sizeof(known) / sizeof(known[0]); ++i)
        if (lk_has_item(given, known[i]))
            json_array_append_new(list, json_string(known[i]));
    return list;
}

/* Keycloak's form: the id in base64, the key in base64url. */
static lk_status_t store(const lk_action_context_t *context, const lk_webauthn_kind_t *kind, const lk_attestation_t *attestation,
                         const char *label, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const lk_authenticator_data_t *data = &attestation->data;
    lk_rows_t rows;
    json_t *stored =
        lk_json_own(req->arena, json_pack("{s:s, s:s, s:I, s:s, s:s, s:o}", "aaguid", uuid_of(req->arena, data->aaguid),
                                          "credentialId", lk_base64(req->arena, data->credential_id.base, data->credential_id.len),
                                          "counter", (json_int_t)data->counter, "credentialPublicKey",
                                          lk_base64url(req->arena, data->cose_key.base, data->cose_key.len),
                                          "attestationStatementFormat", attestation->format, "transports", transports_of(req)));
    lk_event_detail(req, "public_key_credential_id", lk_base64url(req->arena, data->credential_id.base, data->credential_id.len));
    lk_event_detail(req, "public_key_credential_label", label);
    lk_event_detail(req, "public_key_credential_aaguid", uuid_of(req->arena, data->aaguid));
    return lk_query(req->app->sql, req->arena, LK_Q_CREDENTIAL_INSERT, &rows, err, context->realm->id, context->user->id,
                    lk_random_uuid(req->arena), kind->credential, label, lk_printf(req->arena, "%lld", (long long)lk_now_ms()),
                    "{}", lk_json_text(req->arena, stored));
}

static lk_status_t submit(const lk_action_context_t *context, const lk_webauthn_kind_t *kind, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const char *label = lk_pairs_get(&req->form, "authenticatorLabel");
    lk_attestation_t attestation;
    lk_error_t why = {0};
    lk_event_detail(req, "credential_type", kind->credential);
    lk_status_t status = verify(context, kind, &attestation, &why);
    if (status == LK_INVALID) {
        lk_event_detail(req, "web_authn_registration_error", "webauthn-error-registration");
        lk_event_detail(req, "web_authn_registration_error_detail", lk_strdup(req->arena, why.detail));
        lk_event_error(req, "invalid_registration");
        lk_page_message(context->model, "error", "webauthn-error-registration", NULL);
        return LK_OK;
    }
    if (status != LK_OK) {
        *err = why;
        return status;
    }
    label = label != NULL && *label != '\0' && strlen(label) <= MAX_LABEL ? label : "Passkey (Default Label)";
    status = store(context, kind, &attestation, label, err);
    *ret_done = status == LK_OK;
    return status;
}

lk_status_t lk_webauthn_register_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    return submit(context, &lk_webauthn_second_factor, ret_done, err);
}

lk_status_t lk_passkey_register_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    return submit(context, &lk_webauthn_passwordless, ret_done, err);
}
