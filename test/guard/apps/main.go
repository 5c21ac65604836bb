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

// One request says so and another waits for it, so that no test has to guess how long something takes.
var (
	begun    = make(chan struct{})
	released = make(chan struct{})
	left     = make(chan struct{})
)

func tell(w http.ResponseWriter, r *http.Request) {
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
}

// Reads one byte, says so, and reads the rest.
func upload(w http.ResponseWriter, r *http.Request) {
	if _, err := io.ReadFull(r.Body, make([]byte, 1)); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	begun <- struct{}{}
	tell(w, r)
}

// Sends one line, and the other when it is told to. It ends when its client leaves.
func stream(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, "first")
	w.(http.Flusher).Flush()
	select {
	case <-released:
		fmt.Fprintln(w, "last")
	case <-r.Context().Done():
		left <- struct{}{}
	}
}

func main() {
	http.HandleFunc("/", tell)
	http.HandleFunc("/upload", upload)
	http.HandleFunc("/stream", stream)
	http.HandleFunc("/begun", func(w http.ResponseWriter, r *http.Request) { <-begun })
	http.HandleFunc("/release", func(w http.ResponseWriter, r *http.Request) { released <- struct{}{} })
	http.HandleFunc("/left", func(w http.ResponseWriter, r *http.Request) { <-left })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("listens on", listener.Addr())
	http.Serve(listener, nil)
}
