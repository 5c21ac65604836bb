// A guarded server based on the Go sample of the vendor's documentation: a middleware over go-oidc that
// expects the assertion in its header. Only the configuration comes from the environment.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	oidc "github.com/coreos/go-oidc"
)

var (
	teamDomain = os.Getenv("TEAM_DOMAIN")
	policyAUD  = os.Getenv("POLICY_AUD")
	certsURL   = fmt.Sprintf("%s/cdn-cgi/access/certs", teamDomain)

	keySet   = oidc.NewRemoteKeySet(context.Background(), certsURL)
	verifier = oidc.NewVerifier(teamDomain, keySet, &oidc.Config{ClientID: policyAUD})
)

func requireToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get("Cf-Access-Jwt-Assertion")
		if token == "" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, "No token on the request")
			return
		}
		if _, err := verifier.Verify(r.Context(), token); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, "Invalid token: %s", err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	welcome := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "welcome")
	})
	http.Handle("/", requireToken(welcome))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
