// An application that checks nothing itself. It tells what it sees of each request.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		hash := sha256.New()
		length, err := io.Copy(hash, r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"method":  r.Method,
			"path":    r.URL.Path,
			"user":    r.Header.Get("X-Auth-Request-User"),
			"email":   r.Header.Get("X-Auth-Request-Email"),
			"claims":  r.Header.Values("Remote-User"),
			"trailer": r.Trailer,
			"length":  length,
			"hash":    fmt.Sprintf("%x", hash.Sum(nil)),
		})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("listens on", listener.Addr())
	http.Serve(listener, nil)
}
