// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT

// gocloak, as Go programs use it, through the life of a realm, and signing in with what was made.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/Nerzal/gocloak/v13"
)

var (
	count, failed int
	ctx           = context.Background()
	client        = gocloak.NewClient(os.Getenv("BASE"))
	admin         string
)

const life = "go-life"

func ok(good bool, name string, rest ...any) {
	count++
	word := "ok"
	if !good {
		failed++
		word = "not ok"
	}
	fmt.Printf("%s %d - gocloak: %s\n", word, count, name)
	if !good {
		fmt.Println(append([]any{"#"}, rest...)...)
	}
}

// must ends the walk where what follows cannot be done.
func must[T any](value T, err error) T {
	if err != nil {
		ok(false, "the walk goes on", err)
		os.Exit(1)
	}
	return value
}

func refused(err error, status int, name string) {
	var api *gocloak.APIError
	ok(errors.As(err, &api) && api.Code == status, name, err)
}

func realm() {
	must(client.CreateRealm(ctx, admin, gocloak.RealmRepresentation{Realm: gocloak.StringP(life), Enabled: gocloak.BoolP(true)}))
	_, err := client.CreateRealm(ctx, admin, gocloak.RealmRepresentation{Realm: gocloak.StringP(life)})
	refused(err, 409, "a realm that exists")
	err = client.UpdateRealm(ctx, admin, gocloak.RealmRepresentation{Realm: gocloak.StringP(life), DisplayName: gocloak.StringP("Life")})
	got := must(client.GetRealm(ctx, admin, life))
	ok(err == nil && *got.DisplayName == "Life" && *got.Enabled, "UpdateRealm leaves the rest", err)
	actions := must(client.GetRequiredActions(ctx, admin, life))
	for _, action := range actions {
		if *action.Alias == "UPDATE_EMAIL" {
			action.Enabled = gocloak.BoolP(true)
			ok(client.UpdateRequiredAction(ctx, admin, life, *action) == nil, "UpdateRequiredAction")
		}
	}
	ok(len(must(client.GetAuthenticationFlows(ctx, admin, life))) >= 7, "GetAuthenticationFlows")
}

// clients makes one with a role and a mapper; its id and secret.
func clients() (string, string) {
	id := must(client.CreateClient(ctx, admin, life, gocloak.Client{
		ClientID: gocloak.StringP("api"), ServiceAccountsEnabled: gocloak.BoolP(true), DirectAccessGrantsEnabled: gocloak.BoolP(true),
		AuthorizationServicesEnabled: gocloak.BoolP(true), RedirectURIs: &[]string{"https://app.example/*"}}))
	first := must(client.GetClientSecret(ctx, admin, life, id))
	second := must(client.RegenerateClientSecret(ctx, admin, life, id))
	ok(*first.Value != "" && *first.Value != *second.Value, "RegenerateClientSecret")
	must(client.CreateClientProtocolMapper(ctx, admin, life, id, gocloak.ProtocolMapperRepresentation{
		Name: gocloak.StringP("team"), Protocol: gocloak.StringP("openid-connect"), ProtocolMapper: gocloak.StringP("oidc-hardcoded-claim-mapper"),
		Config: &map[string]string{"claim.name": "team", "claim.value": "blue", "access.token.claim": "true", "jsonType.label": "String"}}))
	must(client.CreateClientRole(ctx, admin, life, id, gocloak.Role{Name: gocloak.StringP("reader")}))
	must(client.CreateClientScope(ctx, admin, life, gocloak.ClientScope{Name: gocloak.StringP("extra"), Protocol: gocloak.StringP("openid-connect")}))
	resource := must(client.CreateResource(ctx, admin, life, id, gocloak.ResourceRepresentation{Name: gocloak.StringP("album"), URIs: &[]string{"/album"}}))
	list := must(client.GetResources(ctx, admin, life, id, gocloak.GetResourceParams{Name: gocloak.StringP("album")}))
	ok(len(list) == 1 && *list[0].ID == *resource.ID, "CreateResource, GetResources")
	return id, *second.Value
}

// people makes a user in a group, with roles; the user's id.
func people(api string) string {
	id := must(client.CreateUser(ctx, admin, life, gocloak.User{
		Username: gocloak.StringP("Alice"), Email: gocloak.StringP("alice@example.test"), FirstName: gocloak.StringP("A"), LastName: gocloak.StringP("L"),
		Enabled: gocloak.BoolP(true)}))
	_, err := client.CreateUser(ctx, admin, life, gocloak.User{Username: gocloak.StringP("alice")})
	refused(err, 409, "a user who exists")
	ok(client.SetPassword(ctx, admin, id, life, "wonderland", false) == nil, "SetPassword")
	found := must(client.GetUsers(ctx, admin, life, gocloak.GetUsersParams{Search: gocloak.StringP("ali")}))
	ok(len(found) == 1 && *found[0].ID == id && must(client.GetUserCount(ctx, admin, life, gocloak.GetUsersParams{})) == 1, "GetUsers, GetUserCount")
	must(client.CreateRealmRole(ctx, admin, life, gocloak.Role{Name: gocloak.StringP("writer")}))
	writer := must(client.GetRealmRole(ctx, admin, life, "writer"))
	reader := must(client.GetClientRole(ctx, admin, life, api, "reader"))
	err = client.AddRealmRoleComposite(ctx, admin, life, "writer", []gocloak.Role{*reader})
	ok(err == nil && client.AddRealmRoleToUser(ctx, admin, life, id, []gocloak.Role{*writer}) == nil, "roles", err)
	parent := must(client.CreateGroup(ctx, admin, life, gocloak.Group{Name: gocloak.StringP("parent")}))
	child := must(client.CreateChildGroup(ctx, admin, life, parent, gocloak.Group{Name: gocloak.StringP("child")}))
	ok(client.AddUserToGroup(ctx, admin, life, id, child) == nil, "AddUserToGroup")
	groups := must(client.GetUserGroups(ctx, admin, life, id, gocloak.GetGroupsParams{}))
	ok(len(groups) == 1 && *groups[0].Path == "/parent/child" && *must(client.GetGroupByPath(ctx, admin, life, "parent/child")).ID == child, "groups")
	return id
}

func tokens(secret, user string) {
	_, err := client.Login(ctx, "api", secret, life, "alice", "wrong")
	refused(err, 400, "a wrong password")
	token := must(client.Login(ctx, "api", secret, life, "alice", "wonderland"))
	_, claims, err := client.DecodeAccessToken(ctx, token.AccessToken, life)
	ok(err == nil && (*claims)["team"] == "blue", "DecodeAccessToken, by the published keys", err)
	refreshed := must(client.RefreshToken(ctx, token.RefreshToken, "api", secret, life))
	ok(len(must(client.GetUserSessions(ctx, admin, life, user))) == 1, "GetUserSessions")
	ok(client.Logout(ctx, "api", secret, life, refreshed.RefreshToken) == nil, "Logout")
	_, err = client.RefreshToken(ctx, refreshed.RefreshToken, "api", secret, life)
	refused(err, 400, "and the session is over")
	must(client.LoginClient(ctx, "api", secret, life))
	ok(true, "LoginClient")
}

func main() {
	admin = must(client.LoginAdmin(ctx, "admin", "admin", "master")).AccessToken
	realm()
	api, secret := clients()
	alice := people(api)
	tokens(secret, alice)
	ok(client.DeleteUser(ctx, admin, life, alice) == nil && client.DeleteClient(ctx, admin, life, api) == nil, "DeleteUser, DeleteClient")
	_, err := client.GetUserByID(ctx, admin, life, alice)
	refused(err, 404, "a user who is gone")
	ok(client.DeleteRealm(ctx, admin, life) == nil, "DeleteRealm")
	fmt.Printf("1..%d\n", count)
	if failed != 0 {
		os.Exit(1)
	}
}
