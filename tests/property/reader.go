// SPDX-License-Identifier: MIT

// reader FOLDER - how Go's crypto/tls and net/http read the beginning of a connection, as a server of them does.
//
// Listens on FOLDER/tls and FOLDER/http, and answers LISTED to whoever named x.com and other to everybody else. Used by
// test_other_go.c. Must never answer before the whole beginning was read.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
)

func isListed(name string) bool {
	if at := strings.IndexAny(name, ":/? \t"); at >= 0 {
		name = name[:at]
	}
	return strings.EqualFold(strings.TrimRight(name, "."), "x.com")
}

func says(listed bool) string {
	if listed {
		return "LISTED"
	}
	return "other"
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// silent keeps a server's part of the handshake from being taken for its answer.
type silent struct{ net.Conn }

func (silent) Write(bytes []byte) (int, error) { return len(bytes), nil }

func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	about := &x509.Certificate{SerialNumber: big.NewInt(1)}
	made, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	must(err)
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}
}

// Asked for a certificate again after a second hello, it hears the name of that one too.
func hears(one net.Conn, own *tls.Certificate) {
	heard := false
	server := tls.Server(silent{one}, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		heard = heard || isListed(hello.ServerName)
		return own, nil
	}, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		heard = heard || isListed(hello.ServerName)
		return nil, nil
	}})
	_ = server.Handshake() // it ends where the opening does
	_, _ = io.WriteString(one, says(heard))
	_ = one.Close()
}

func listen(name string) net.Listener {
	listener, err := net.Listen("unix", os.Args[1]+"/"+name)
	must(err)
	return listener
}

func serveTLS(listener net.Listener) {
	own := certificate()
	for {
		one, err := listener.Accept()
		must(err)
		go hears(one, &own)
	}
}

func main() {
	server := &http.Server{
		ErrorLog: log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(to http.ResponseWriter, asked *http.Request) {
			to.Header().Set("Connection", "close")
			_, _ = io.WriteString(to, says(isListed(asked.Host) || isListed(asked.URL.Host)))
		}),
	}
	go serveTLS(listen("tls"))
	must(server.Serve(listen("http")))
}
