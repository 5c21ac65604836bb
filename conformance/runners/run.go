// Compares a guard over go-oidc with vectors.json: prints each name and its verdict.
//
//	go run conformance/runners/run.go conformance/vectors.json
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	oidc "github.com/coreos/go-oidc"
	jose "gopkg.in/square/go-jose.v2"
)

type vectors struct {
	Now     int64
	Options struct {
		Issuer, Audience, Type string
		Algorithms             []string
	}
	Keys    jose.JSONWebKeySet
	Vectors []struct{ Name, Token string }
}

// keySet verifies with the vectors' keys: the key is found by kid.
type keySet struct{ keys jose.JSONWebKeySet }

func (set keySet) VerifySignature(_ context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSigned(token)
	if err != nil {
		return nil, err
	}
	for _, signature := range signed.Signatures {
		for _, key := range set.keys.Key(signature.Header.KeyID) {
			if payload, err := signed.Verify(key); err == nil {
				return payload, nil
			}
		}
	}
	return nil, errors.New("no key verifies it")
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var document vectors
	if err := json.Unmarshal(text, &document); err != nil {
		log.Fatal(err)
	}
	options := document.Options
	verifier := oidc.NewVerifier(options.Issuer, keySet{document.Keys}, &oidc.Config{
		ClientID:             options.Audience,
		SupportedSigningAlgs: options.Algorithms,
		Now:                  func() time.Time { return time.Unix(document.Now, 0) },
	})
	for _, vector := range document.Vectors {
		decision := "refuse"
		var claims struct{ Type string }
		token, err := verifier.Verify(context.Background(), vector.Token)
		if err == nil && token.Claims(&claims) == nil && claims.Type == options.Type {
			decision = "accept"
		}
		fmt.Printf("%s\t%s\n", vector.Name, decision)
	}
}
