/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/buffer.h"
#include "core/json.h"
#include "model/authz.h"
#include "tap.h"

/* What policies decide: pure, on a realm of two roles and three groups. */

static lk_arena_t *arena;
static lk_role_t roles[] = {{.id = "r1", .name = "reader", .index = 0}, {.id = "r2", .name = "writer", .index = 1}};
static lk_group_t groups[] = {{.id = "g1", .name = "staff", .path = "/staff"},
                              {.id = "g2", .name = "leads", .path = "/staff/leads"},
                              {.id = "g3", .name = "staffing", .path = "/staffing"}};
static lk_realm_t realm = {.name = "unit", .roles = roles, .num_roles = 2, .groups = groups, .num_groups = 3};
static const lk_group_t *const of_leads[] = {&groups[1]}, *const of_staffing[] = {&groups[2]};
static lk_user_t alice = {.id = "u1", .username = "alice", .groups = of_leads, .num_groups = 1},
                 bob = {.id = "u2", .username = "bob", .groups = of_staffing, .num_groups = 1};
static lk_role_set_t reads;

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    lk_error_t err = {0};
    if (lk_json_parse(arena, text, strlen(text), &value, &err) != LK_OK)
        ok(0, "%s: %s", text, err.text);
    return value;
}

static lk_authz_subject_t subject_of(const lk_user_t *user)
{
    return (lk_authz_subject_t){
        .realm = &realm,
        .user = user,
        .roles = &reads,
        .client = "c1",
        .scope = "openid email",
        .claims = parse("{\"department\": [\"sales\"], \"address\": {\"country\": \"NL\"}, \"member\": [\"staff\"]}"),
        .now = 1795882000};
}

static void init(lk_authz_t *authz, const json_t *settings, const lk_authz_subject_t *subject)
{
    lk_authz_server_t *server = LK_NEW(arena, lk_authz_server_t);
    lk_authz_server_build(arena, settings, server);
    lk_authz_init(authz, arena, server, subject);
}

static int permits(const char *policy, const lk_user_t *user)
{
    lk_authz_t authz;
    lk_authz_subject_t subject = subject_of(user);
    init(&authz, parse("{}"), &subject);
    return lk_authz_permits(&authz, parse(policy));
}

static void test_types(void)
{
    static const struct {
        const char *policy;
        int alice, bob;
    } cases[] = {
        {"{'type':'user','config':{'users':'[^u1^]'}}", 1, 0},
        {"{'type':'user','logic':'NEGATIVE','config':{'users':'[^u1^]'}}", 0, 1},
        {"{'type':'user','config':{'users':'no list'}}", 0, 0},
        {"{'type':'user','config':{}}", 0, 0},
        {"{'type':'role','config':{'roles':'[{^id^:^r1^}]'}}", 1, 1},
        {"{'type':'role','config':{'roles':'[{^id^:^r2^}]'}}", 0, 0},
        {"{'type':'role','config':{'roles':'[{^id^:^r1^},{^id^:^r2^}]'}}", 1, 1},
        {"{'type':'role','config':{'roles':'[{^id^:^r1^},{^id^:^r2^,^required^:true}]'}}", 0, 0},
        {"{'type':'role','config':{'roles':'[{^id^:^gone^}]'}}", 0, 0},
        {"{'type':'group','config':{'groups':'[{^id^:^g1^}]'}}", 0, 0},
        {"{'type':'group','config':{'groups':'[{^id^:^g1^,^extendChildren^:true}]'}}", 1, 0},
        {"{'type':'group','config':{'groups':'[{^id^:^g2^}]'}}", 1, 0},
        {"{'type':'group','config':{'groupsClaim':'member','groups':'[{^id^:^g1^}]'}}", 1, 1},
        {"{'type':'client','config':{'clients':'[^c1^]'}}", 1, 1},
        {"{'type':'client','config':{'clients':'[^c2^]'}}", 0, 0},
        {"{'type':'regex','config':{'targetClaim':'department','pattern':'sa.*'}}", 1, 1},
        {"{'type':'regex','config':{'targetClaim':'department','pattern':'sal'}}", 0, 0},
        {"{'type':'regex','config':{'targetClaim':'address.country','pattern':'NL'}}", 1, 1},
        {"{'type':'regex','config':{'targetClaim':'none','pattern':'.*'}}", 0, 0},
        {"{'type':'time','config':{'nbf':'2020-01-01 00:00:00'}}", 1, 1},
        {"{'type':'time','config':{'noa':'2020-01-01 00:00:00'}}", 0, 0},
        {"{'type':'time','config':{'year':'2026'}}", 1, 1},
        {"{'type':'time','config':{'year':'2020','yearEnd':'2026'}}", 1, 1},
        {"{'type':'time','config':{'month':'1','monthEnd':'10'}}", 0, 0},
        {"{'type':'js','config':{}}", 0, 0},
        {"{'type':'js','logic':'NEGATIVE','config':{}}", 0, 0},
    };
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i) {
        char *policy = lk_strdup(arena, cases[i].policy);
        for (char *at = policy; *at != '\0'; ++at)
            *at = *at == '\'' ? '"' : *at;
        lk_buffer_t text;
        lk_buffer_init(&text, arena, 4096);
        for (const char *at = policy; *at != '\0'; ++at)
            *at == '^' ? lk_buffer_puts(&text, "\\\"") : lk_buffer_putc(&text, *at);
        is_int(permits(text.base, &alice), cases[i].alice, lk_printf(arena, "alice: %s", cases[i].policy));
        is_int(permits(text.base, &bob), cases[i].bob, lk_printf(arena, "bob: %s", cases[i].policy));
    }
}

#define YES "{\"id\":\"yes\",\"type\":\"user\",\"config\":{\"users\":\"[\\\"u1\\\"]\"}}"
#define NO "{\"id\":\"no\",\"type\":\"user\",\"config\":{\"users\":\"[\\\"u9\\\"]\"}}"

static void test_strategies(void)
{
    static const struct {
        const char *strategy, *parts;
        int permits;
    } cases[] = {{"AFFIRMATIVE", "[\"yes\",\"no\"]", 1},
                 {"UNANIMOUS", "[\"yes\",\"no\"]", 0},
                 {"CONSENSUS", "[\"yes\",\"no\"]", 0},
                 {"UNANIMOUS", "[\"yes\"]", 1},
                 {"CONSENSUS", "[\"yes\",\"yes\",\"no\"]", 1},
                 {"AFFIRMATIVE", "[\"no\"]", 0},
                 {"UNANIMOUS", "[]", 0},
                 {"AFFIRMATIVE", "[\"gone\"]", 0},
                 {"UNANIMOUS", "[\"self\"]", 0}};
    lk_authz_subject_t subject = subject_of(&alice);
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i) {
        json_t *settings = parse(lk_printf(
            arena,
            "{\"policies\":[" YES "," NO ",{\"id\":\"self\",\"type\":\"aggregate\",\"decisionStrategy\":\"%s\",\"policies\":%s}]}",
            cases[i].strategy, cases[i].parts));
        lk_authz_t authz;
        init(&authz, settings, &subject);
        is_int(lk_authz_permits(&authz, lk_authz_find(settings, "policies", "self")), cases[i].permits,
               lk_printf(arena, "%s of %s", cases[i].strategy, cases[i].parts));
    }
}

static void check(const char *name, const char *switches, const char *permissions, const char *scopes, const char *expected)
{
    lk_authz_subject_t subject = subject_of(&alice);
    json_t *settings =
        parse(lk_printf(arena,
                        "{%s,\"resources\":[{\"_id\":\"doc\",\"name\":\"doc\",\"type\":\"t\",\"scopes\":[\"s1\",\"s2\"]}],"
                        "\"policies\":[" YES "," NO "%s],\"scopes\":[]}",
                        switches, permissions));
    lk_authz_t authz;
    lk_authz_answer_t answer;
    lk_authz_request_t request = {.resource = lk_authz_find(settings, "resources", "doc"), .scopes = parse(scopes)};
    init(&authz, settings, &subject);
    lk_authz_evaluate(&authz, &request, &answer);
    is_str(lk_printf(arena, "%d %s", answer.granted, lk_json_text(arena, answer.scopes)), expected, name);
}

#define PERMISSION(id, type, more, by) ",{\"id\":\"" id "\",\"type\":\"" type "\"," more ",\"policies\":[\"" by "\"]}"
#define ENFORCING "\"policyEnforcementMode\":\"ENFORCING\",\"decisionStrategy\":\"UNANIMOUS\""
#define AFFIRMATIVE "\"policyEnforcementMode\":\"ENFORCING\",\"decisionStrategy\":\"AFFIRMATIVE\""

static void test_requests(void)
{
    static const char on_doc[] = PERMISSION("p1", "resource", "\"resources\":[\"doc\"]", "yes"),
                      on_type[] = PERMISSION("p2", "resource", "\"config\":{\"defaultResourceType\":\"t\"}", "no"),
                      on_scope[] = PERMISSION("p3", "scope", "\"resources\":[\"doc\"],\"scopes\":[\"s1\"]", "no"),
                      on_any[] = PERMISSION("p4", "scope", "\"scopes\":[\"s1\"]", "yes");
    check("a resource's permission gives all its scopes", ENFORCING, on_doc, "[\"s1\",\"s2\"]", "1 [\"s1\",\"s2\"]");
    check("without scopes it gives the resource", ENFORCING, on_doc, "[]", "1 []");
    check("that of its type denies", ENFORCING, on_type, "[\"s1\"]", "0 []");
    check("one that denies a scope is heard", ENFORCING, lk_printf(arena, "%s%s", on_doc, on_scope), "[\"s1\",\"s2\"]",
          "1 [\"s2\"]");
    check("unless one is enough", AFFIRMATIVE, lk_printf(arena, "%s%s", on_doc, on_scope), "[\"s1\",\"s2\"]", "1 [\"s1\",\"s2\"]");
    check("a scope wherever it is", ENFORCING, on_any, "[\"s1\",\"s2\"]", "1 [\"s1\"]");
    check("no permission: no", ENFORCING, "", "[\"s1\"]", "0 []");
    check("no permission, permissive: yes", "\"policyEnforcementMode\":\"PERMISSIVE\"", "", "[\"s1\"]", "1 [\"s1\"]");
    check("permissive, but denied", "\"policyEnforcementMode\":\"PERMISSIVE\"", on_scope, "[\"s1\"]", "0 []");
    check("not enforced at all", "\"policyEnforcementMode\":\"DISABLED\"", on_scope, "[\"s1\"]", "1 [\"s1\"]");
}

static void test_files(void)
{
    lk_error_t err = {0};
    json_t *settings =
        parse("{\"resources\":[{\"name\":\"doc\",\"uri\":\"/doc\",\"scopes\":[{\"name\":\"read\"}]}],\"policies\":["
              "{\"name\":\"p\",\"type\":\"scope\",\"config\":{\"resources\":\"[\\\"doc\\\"]\",\"scopes\":\"[\\\"read\\\"]\","
              "\"applyPolicies\":\"[\\\"q\\\",\\\"gone\\\"]\"}},{\"name\":\"q\",\"type\":\"user\",\"config\":{\"users\":\"["
              "\\\"u\\\"]\"}}]}");
    json_t *shown;
    is_int(lk_authz_intern(NULL, arena, "r", settings, &err), LK_OK, "a realm file's settings");
    json_t *resource = lk_authz_find(settings, "resources", "doc"), *policy = lk_authz_find(settings, "policies", "p");
    const json_t *scope = lk_authz_find(settings, "scopes", "read");
    ok(scope != NULL && lk_json_lists(json_object_get(resource, "scopes"), lk_authz_id(scope)),
       "a scope that only a resource names is made");
    ok(lk_json_lists(json_object_get(policy, "resources"), lk_authz_id(resource)), "a policy's resource by its id");
    is_int((long)json_array_size(json_object_get(policy, "policies")), 1, "a policy that is not there is left out");
    is_str(lk_json_text(arena, json_object_get(resource, "uris")), "[\"/doc\"]", "the one URI of old files");
    const char *before = lk_json_text(arena, settings);
    is_int(lk_authz_intern(NULL, arena, "r", settings, &err), LK_OK, "twice");
    is_str(lk_json_text(arena, settings), before, "twice changes nothing");
    is_int(lk_authz_extern(NULL, arena, "r", settings, 0, &shown, &err), LK_OK, "and back");
    policy = lk_authz_find(shown, "policies", "p");
    is_str(lk_json_str(json_object_get(policy, "config"), "applyPolicies", ""), "[\"q\"]", "by names");
    ok(json_object_get(policy, "id") == NULL && json_object_get(policy, "policies") == NULL, "without ids");
}

#define ALBUM(owner, managed)                                                                                                      \
    "{\"_id\":\"album\",\"name\":\"album\",\"type\":\"t\",\"owner\":\"" owner "\",\"ownerManagedAccess\":" managed                 \
    ",\"scopes\":[\"s1\",\"s2\"]}"
#define PARENT "{\"_id\":\"parent\",\"name\":\"parent\",\"type\":\"t\",\"scopes\":[\"s3\"]}"
#define SHARE(config)                                                                                                              \
    "{\"id\":\"p\",\"type\":\"uma\",\"owner\":\"u2\",\"resources\":[\"album\"],\"scopes\":[\"s1\"],\"config\":{" config "}}"
#define ALICE "\"users\":\"[\\\"u1\\\"]\""
#define BOB "\"users\":\"[\\\"u2\\\"]\""
#define OF_PARENT "{\"id\":\"q\",\"type\":\"resource\",\"resources\":[\"parent\"],\"policies\":[\"yes\"]}," YES
#define DENIED "{\"id\":\"q\",\"type\":\"resource\",\"resources\":[\"album\"],\"policies\":[\"no\"]}," NO

/* What owners share: by policies, and by permission tickets. Alice asks for s1, s2 and s3 of an album. */
static void test_owners(void)
{
    static const struct {
        const char *name, *album, *policies, *shared, *expected;
    } cases[] = {{"shared with her", ALBUM("u2", "true"), SHARE(ALICE), "[]", "1 [\"s1\"]"},
                 {"with another", ALBUM("u2", "true"), SHARE(BOB), "[]", "0 []"},
                 {"with nobody", ALBUM("u2", "true"), SHARE(""), "[]", "0 []"},
                 {"not any more", ALBUM("u2", "false"), SHARE(ALICE), "[]", "0 []"},
                 {"whatever else is denied", ALBUM("u2", "true"), SHARE(ALICE) "," DENIED, "[]", "1 [\"s1\"]"},
                 {"by a ticket", ALBUM("u2", "true"), "", "[[\"album\",\"s2\"]]", "1 [\"s2\"]"},
                 {"by a ticket for another one", ALBUM("u2", "true"), "", "[[\"parent\",\"s2\"]]", "0 []"},
                 {"by a ticket that does not count", ALBUM("u2", "false"), "", "[[\"album\",\"s2\"]]", "0 []"},
                 {"a permission about the parent", ALBUM("u2", "false"), OF_PARENT, "[]", "1 [\"s1\",\"s2\",\"s3\"]"}};
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i) {
        json_t *settings = parse(
            lk_printf(arena, "{\"resources\":[%s," PARENT "],\"policies\":[%s],\"scopes\":[]}", cases[i].album, cases[i].policies));
        lk_authz_subject_t subject = subject_of(&alice);
        lk_authz_t authz;
        lk_authz_answer_t answer;
        subject.shared = parse(cases[i].shared);
        init(&authz, settings, &subject);
        const json_t *album = lk_authz_find(settings, "resources", "album");
        lk_authz_evaluate(&authz, &(lk_authz_request_t){.resource = album, .scopes = lk_authz_scopes_of(&authz, album)}, &answer);
        is_str(lk_printf(arena, "%d %s", answer.granted, lk_json_text(arena, answer.scopes)), cases[i].expected, cases[i].name);
    }
}

static void test_uris(void)
{
    ok(lk_authz_uri_matches("/a/*", "/a/b/c") && lk_authz_uri_matches("/a/*", "/a") && !lk_authz_uri_matches("/a/*", "/ab"),
       "all below");
    ok(lk_authz_uri_matches("/a/{id}/c", "/a/7/c") && !lk_authz_uri_matches("/a/{id}", "/a/7/c"), "one part");
    ok(!lk_authz_uri_matches("/a/{id", "/a") && lk_authz_uri_matches("", ""), "odd ones");
}

int main(void)
{
    arena = lk_arena_create("unit");
    lk_role_set_init(&reads, arena, &realm);
    lk_role_set_add(&reads, &roles[0]);
    test_types();
    test_strategies();
    test_requests();
    test_files();
    test_owners();
    test_uris();
    lk_arena_destroy(&arena);
    return tap_done();
}
