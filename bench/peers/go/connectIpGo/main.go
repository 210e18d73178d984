// Command connectIpGo is about the least that makes a VPN of quic-go/connect-ip-go: what that library can do here.
//
//	connectIpGo certificates FOLDER
//	connectIpGo proxy FOLDER ADDRESS:PORT INTERFACE PREFIX
//	connectIpGo client FOLDER ADDRESS:PORT INTERFACE
//	connectIpGo sessions FOLDER ADDRESS:PORT COUNT PARALLEL hold|close
//
// PREFIX is the proxy's own address with the length of its pool, 10.9.0.1/16.
package main

import (
	"fmt"
	"net/netip"
	"os"
	"strconv"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "connectIpGo:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 2 && arguments[0] == "certificates":
		return writeCertificates(arguments[1])
	case len(arguments) == 5 && arguments[0] == "proxy":
		pool, err := netip.ParsePrefix(arguments[4])
		if err != nil {
			return err
		}
		return serve(arguments[1], arguments[2], arguments[3], pool)
	case len(arguments) == 4 && arguments[0] == "client":
		return connect(arguments[1], arguments[2], arguments[3])
	case len(arguments) == 6 && arguments[0] == "sessions":
		count, err := strconv.Atoi(arguments[3])
		if err != nil {
			return err
		}
		parallel, err := strconv.Atoi(arguments[4])
		if err != nil {
			return err
		}
		return openSessions(arguments[1], arguments[2], count, parallel, arguments[5] == "hold")
	}
	return fmt.Errorf("certificates, proxy, client or sessions; see main.go")
}
