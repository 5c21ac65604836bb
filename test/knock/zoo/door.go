// Small guarded servers over go-oidc and net/http, based on the vendor's sample. DOOR names the one flaw,
// or "right", which is the corrected sample: the type is checked as well.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	oidc "github.com/coreos/go-oidc"
)

var (
	door     = os.Getenv("DOOR")
	team     = os.Getenv("TEAM_DOMAIN")
	audience = os.Getenv("POLICY_AUD")
	keys     = oidc.NewRemoteKeySet(context.Background(), team+"/cdn-cgi/access/certs")
	config   = &oidc.Config{ClientID: audience, SkipIssuerCheck: door == "meta"}
	verifier = oidc.NewVerifier(team, keys, config)
)

func decoded(token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct{ Email string }
	return err == nil && json.Unmarshal(text, &claims) == nil && claims.Email != ""
}

func unsigned(token string) bool {
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	var header struct{ Alg string }
	return err == nil && json.Unmarshal(text, &header) == nil && strings.EqualFold(header.Alg, "none")
}

func admits(r *http.Request) bool {
	token := r.Header.Get("Cf-Access-Jwt-Assertion")
	switch door {
	case "decoded":
		return decoded(token)
	case "none":
		if unsigned(token) {
			return true
		}
	case "bearer":
		if decoded(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) {
			return true
		}
	case "real-ip":
		if r.Header.Get("X-Real-Ip") == "127.0.0.1" {
			return true
		}
	case "host":
		if strings.HasPrefix(r.Host, "localhost") {
			return true
		}
	case "options":
		if r.Method == "OPTIONS" {
			return true
		}
	case "websocket":
		if r.Header.Get("Upgrade") == "websocket" {
			return true
		}
	}
	idToken, err := verifier.Verify(r.Context(), token)
	if err != nil {
		return false
	}
	var claims struct{ Type string }
	return idToken.Claims(&claims) == nil && (claims.Type == "app" || door == "meta")
}

func main() {
	guarded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !admits(r) {
			http.Error(w, "Access denied", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, "welcome")
	})
	mux := http.NewServeMux()
	mux.Handle("/", guarded)
	if door == "prefix" {
		mux.HandleFunc("/admin/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "secret") })
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
