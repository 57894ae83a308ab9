# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The steps of kcadm.t: (name under which standard output is kept, arguments, standard input, whether --config is added)."""


def step(text, keep=None, given="", with_config=True, more=()):
    return keep, [*text.split(), *more], given, with_config


def in_realm(text, *more, **kw):
    return step(text, more=[*more, "-r", "{realm}"], **kw)


ONCE = ("--no-config", "--server", "{server}", "--realm", "master")
WRONG = [
    step("frob", with_config=False), step("get"), step("create"), step("update"), step("delete"), step("get users extra"), step("get users --frob"),
    step("get users -q foo"), step("get users -l x"), step("get users --format xml"), step("get users --fields", more=[""]),
    *(step("get users --fields", more=[spec]) for spec in ("a(", "a)", "a,,b", "a()", "(a)", "a(b", "a(b))", "a(b),", ",", "a(b)(c)")),
    step("get users -H -H"), step("get realms/nosuch"), step("get users -r nosuch"),
    step("get users --no-config", with_config=False), step("get users --no-config --server {server}", with_config=False),
    step("get users", more=ONCE, with_config=False), step("get users --user admin --password bad", more=ONCE, with_config=False),
    step("get users --user admin --password admin --fields username", more=ONCE, with_config=False),
    step("get users --token abc", more=ONCE, with_config=False), step("get users --config {folder}/none.config", with_config=False),
    step("config credentials --status"), step("config credentials --status --config {folder}/none.config", with_config=False),
    step("config frob"), step("config credentials"), step("config credentials --server {server}"),
    step("config credentials --server {server} --realm master --client nosuch --secret x --config {folder}/other.config", with_config=False),
    step("config credentials --server frob --realm master --user a --password b --config {folder}/other.config", with_config=False),
    step("config truststore /nosuch.jks"), step("config truststore"), step("help frob", with_config=False),
    step("create users -f {folder}/client.json -b {}"), step("create users -o -i"), step("update users -m -n"),
]
REALM = [
    step("create realms -s realm={realm} -s enabled=true"), step("create realms -s realm={realm}"),
    in_realm("create roles -s name=r1 -o"), in_realm("create roles -s name=r2 -i"), in_realm("create roles -s name=r3"),
    in_realm("create users -s username=alice -s enabled=true -o --fields id,username,enabled"), in_realm("create users -s username=alice"),
    in_realm("create users -s username=bobby -s enabled=true -s email=bobby@x.example -i", "-s", 'firstName="Bob"', keep="user"),
    in_realm("get users/{user}"), in_realm("get users -q username=alice -q exact=true --fields username"), in_realm("get users/count"),
    in_realm("get users/count --format csv"), in_realm("get users --format csv --fields username,email,enabled"),
    in_realm("get users --format csv --noquotes --fields username,access(manage),nosuch,enabled"), in_realm("get users -o 1 -l 1 --fields username"),
    in_realm("get users --fields *,-id,-createdTimestamp"), in_realm("get users -c --fields id"), in_realm("get nosuch"),
    in_realm("update users/{user} -s lastName=B -s emailVerified=true -o --fields lastName,emailVerified"), in_realm("update users/{user} -s email="),
    in_realm("get users/{user} --fields email,lastName"), in_realm("update users/nosuch -s email=x"),
]
CLIENTS = [
    in_realm("create clients -f {folder}/nosuch"), in_realm("create clients -f {folder}/list.json -s a=b"), in_realm("create clients -f {folder}/empty.json"),
    in_realm("create clients -b {} -s a=b"),
    in_realm("create clients -f {folder}/client.json -i", "-s", "clientId=two", "-s", "redirectUris[1]=http://z", "-s", "redirectUris+=http://n", "-s",
             'attributes."p.q"=7', "-s", "attributes.n=true", "-d", 'attributes."x.y"', keep="client"),
    in_realm("get clients/{client} --fields clientId,attributes,protocolMappers"),
    in_realm("get clients/{client} --fields clientId,publicClient,protocolMappers(name,config(*))"), in_realm("get clients/{client}", "--fields", "*,-attributes"),
    in_realm("create clients -f - -i", given='{"clientId":"typed"}'), in_realm("create clients -s clientId=two"),
    in_realm("update clients/{client} -s description=d1 -o --fields description"),
    in_realm("update clients/{client}", "-s", 'redirectUris=["http://a"]', "-o", "--fields", "redirectUris"),
    in_realm("update clients/{client}", "-d", "redirectUris[0]", "-s", "webOrigins+=http://o", "-o", "--fields", "redirectUris,webOrigins"),
    in_realm("update clients/{client} -f {folder}/client.json -s clientId=two -m"), in_realm("update clients/{client} -f {folder}/client.json -n -s clientId=two"),
    *(in_realm("update clients/{client}", "-s", value) for value in (
        "redirectUris[a]=x", "redirectUris]=x", "redirectUris", "=x", ".a=x", "a.=x", "a..b=x", '"a=x', '"a"b.c=1', 'description="x')),
    *(in_realm("update clients/{client}", "-s", value, "-o", "--fields", "description,attributes(k)") for value in (
        'attributes={"k":"v"}', "attributes.k=", 'description="quoted"', "description=a=b", "description={x}", "description=[x", 'description="a"b"')),
    in_realm("get clients/{client}/client-secret"), in_realm("get clients/{client}/installation/providers/keycloak-oidc-keycloak-json"),
    in_realm("create clients/{client}/protocol-mappers/models -s name=team -s protocol=openid-connect -s protocolMapper=oidc-usermodel-attribute-mapper -s", 'config={"user.attribute":"team","claim.name":"team"}', "-i", keep="mapper"),
    in_realm("get clients/{client}/protocol-mappers/models/{mapper}"), in_realm("create clients/{client}/roles -s name=reader"),
    in_realm("create client-scopes -s name=extra -s protocol=openid-connect -i", keep="scope"),
    in_realm("update clients/{client}/optional-client-scopes/{scope}"), in_realm("get clients/{client}/optional-client-scopes --fields name"),
]
ROLES = [
    in_realm("create groups", "-b", '{ "name": "G1" }', keep=None), in_realm("create groups -s name=G1"),
    in_realm("get-roles --fields name"), in_realm("get-roles --uusername alice --fields name"), in_realm("get-roles --uusername alice --effective --fields name"),
    in_realm("get-roles --uusername alice --available --fields name"), in_realm("get-roles --uusername alice --all"), in_realm("get-roles --uusername nosuch"),
    in_realm("get-roles --uid nosuch"), in_realm("get-roles --uusername alice --uid x"), in_realm("get-roles --uusername alice --gname G1"),
    in_realm("get-roles --gname G1"), in_realm("get-roles --gname nosuch"), in_realm("get-roles --gpath /nosuch"), in_realm("get-roles --rname nosuch"),
    in_realm("get-roles --rolename nosuch"), in_realm("get-roles --rolename r1"), in_realm("get-roles --cclientid nosuch"), in_realm("get-roles --rname r1 --all"),
    in_realm("get-roles --cclientid realm-management --fields name"), in_realm("get-roles --cclientid two --rolename reader"),
    in_realm("get-roles --uusername alice --cclientid realm-management --available --fields name"), in_realm("get-roles --effective --all --uid x"), in_realm("get-roles --available --all --uid x"), in_realm("get-roles --available --rid x"),
    in_realm("get-roles --gname a --gpath /b"), in_realm("get-roles --gname a --gid b"), in_realm("get-roles --rid a --rname b"), in_realm("get-roles --cid a --cclientid b"),
    in_realm("get-roles --rname a --uid b"), in_realm("get-roles --rname a --gid b"), in_realm("get-roles --rolename a --roleid b"), in_realm("get-roles --effective"),
    in_realm("add-roles --uusername alice --rolename r1"), in_realm("add-roles --uusername alice --rolename nosuch"), in_realm("add-roles --uusername alice"),
    in_realm("add-roles --rolename r1"), in_realm("add-roles --uusername alice --cclientid realm-management --rolename view-users --rolename view-clients"),
    in_realm("add-roles --uusername alice --cclientid realm-management --rolename r1"), in_realm("add-roles --gname G1 --rolename r1"),
    in_realm("add-roles --gpath /G1 --cclientid realm-management --rolename view-users"), in_realm("add-roles --rname r1 --rolename uma_authorization"),
    in_realm("add-roles --uusername alice --roleid nosuch"), in_realm("get-roles --rname r1 --fields name"), in_realm("get-roles --rname r1 --effective --fields name"),
    in_realm("get-roles --uusername alice --all --fields", "realmMappings(name),clientMappings(*(client,mappings(name)))"),
    in_realm("get-roles --uusername alice --effective --fields name --format csv"), in_realm("remove-roles --uusername alice --rolename r1"),
    in_realm("remove-roles --gname G1 --cclientid realm-management --rolename view-users"), in_realm("remove-roles --rname r1 --rolename uma_authorization"),
    in_realm("remove-roles --uusername alice"), in_realm("get-roles --uusername alice --fields name"),
    in_realm("set-password --username alice --new-password pw"), in_realm("set-password --username alice --new-password pw -t"),
    in_realm("set-password --username nosuch --new-password pw"), in_realm("set-password --userid nosuch --new-password pw"),
    in_realm("set-password --new-password pw"), in_realm("set-password --username alice --userid x --new-password pw"),
    in_realm("get users -q username=alice --fields requiredActions"),
    in_realm("create groups -s name=G2 -i", keep="group"), in_realm("update users/{user}/groups/{group} -s a=b -n"), in_realm("get users/{user}/groups --fields name,path"),
    in_realm("delete users/{user}/groups/{group}"), in_realm("get groups/{group}/members"), in_realm("delete groups/{group}"), in_realm("delete groups/{group}"),
    in_realm("delete roles/r3"), in_realm("delete roles/r3"),
]
LIFE = [
    in_realm("get authentication/flows --fields alias,builtIn,topLevel"), in_realm("get authentication/required-actions --fields alias,enabled"),
    in_realm("get components --fields name,providerId"), in_realm("get keys --fields", "keys(type,algorithm,status,use)"),
    in_realm("create identity-provider/instances -s alias=up -s providerId=oidc -s enabled=true -s config.useJwksUrl=true -s config.clientId=a -s config.clientSecret=b "
             "-s config.authorizationUrl=http://127.0.0.1:9/a -s config.tokenUrl=http://127.0.0.1:9/t"),
    in_realm("get identity-provider/instances/up --fields", "alias,config(*)"), in_realm("update events/config -s eventsEnabled=true -s adminEventsEnabled=true"),
    in_realm("get events/config --fields eventsEnabled,adminEventsEnabled"), in_realm("get events"), in_realm("get sessions/stats"), in_realm("get client-session-stats"),
    step("update realms/{realm} -s displayName=D -s accessTokenLifespan=120 -o --fields displayName,accessTokenLifespan"),
    step("get realms/{realm} --fields", more=["realm,displayName,browserSecurityHeaders(xFrameOptions)"]), step("get realms --fields realm -c"),
    step("get serverinfo --fields", more=["nosuch"]), step("get {server}/admin/realms/{realm}/users/count"), step("get /realms/{realm}"), step("get realmsx"),
    in_realm("get users/count -a {server}/admin/"), in_realm("get users/count -H -h X-Any=1"),
    step("delete realms/{realm}"), step("delete realms/{realm}"),
]
STEPS = [*WRONG, *REALM, *CLIENTS, *ROLES, *LIFE]
