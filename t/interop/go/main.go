// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT

// go-oidc and x/oauth2, the libraries that OAuth2-Proxy and much of the Go world sign in with, as a client of the acme realm.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

var count, failed int

func ok(err error, name string) {
	count++
	word := "ok"
	if err != nil {
		failed++
		word = "not ok"
	}
	fmt.Printf("%s %d - go-oidc: %s\n", word, count, name)
	if err != nil {
		fmt.Printf("# %v\n", err)
	}
}

// signIn lets alice sign in at an authorization URL; what comes back are the parameters of the redirect.
func signIn(address string) (url.Values, error) {
	answer, err := http.Get(os.Getenv("AGENT") + "?url=" + url.QueryEscape(address))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	back, err := url.Parse(string(body))
	if err != nil {
		return nil, err
	}
	return back.Query(), nil
}

func walk(ctx context.Context) error {
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	ok(err, "discovery")
	if err != nil {
		return err
	}
	config := oauth2.Config{ClientID: "echo", ClientSecret: "echo-secret", RedirectURL: "http://app.test/cb",
		Endpoint: provider.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
	verifier := oauth2.GenerateVerifier()
	back, err := signIn(config.AuthCodeURL("s1", oidc.Nonce("n1"), oauth2.S256ChallengeOption(verifier)))
	if err == nil && back.Get("state") != "s1" {
		err = fmt.Errorf("state %q", back.Get("state"))
	}
	ok(err, "authorization")
	token, err := config.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(verifier))
	ok(err, "code for tokens, with PKCE")
	if err != nil {
		return err
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, raw)
	if err == nil && idToken.Nonce != "n1" {
		err = fmt.Errorf("nonce %q", idToken.Nonce)
	}
	if err == nil {
		err = idToken.VerifyAccessToken(token.AccessToken)
	}
	ok(err, "the ID token verifies, with nonce and at_hash")
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil && (info.Email != "alice@example.test" || !info.EmailVerified) {
		err = fmt.Errorf("%+v", info)
	}
	ok(err, "userinfo")
	fresh, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err == nil && fresh.AccessToken == token.AccessToken {
		err = fmt.Errorf("the same access token")
	}
	ok(err, "refresh")
	machine := clientcredentials.Config{ClientID: "echo", ClientSecret: "echo-secret", TokenURL: provider.Endpoint().TokenURL}
	_, err = machine.Token(ctx)
	ok(err, "client credentials")
	return nil
}

func main() {
	if err := walk(context.Background()); err != nil {
		fmt.Printf("# %v\n", err)
	}
	fmt.Printf("1..%d\n", count)
	if failed != 0 {
		os.Exit(1)
	}
}
