package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"time"

	connectip "github.com/quic-go/connect-ip-go"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

const patience = 10 * time.Second

// dialer opens sessions; all of them share one UDP socket.
type dialer struct {
	transport *connectip.Transport
}

func newDialer(folder, server string) (*dialer, error) {
	certificate, trusted, err := identity(folder, "client")
	if err != nil {
		return nil, err
	}
	address, err := net.ResolveUDPAddr("udp", server)
	if err != nil {
		return nil, err
	}
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		return nil, err
	}
	shared := &quic.Transport{Conn: socket}
	return &dialer{&connectip.Transport{
		QUICConfig: quicConfig(),
		TLSClientConfig: &tls.Config{
			ServerName:   serverName,
			RootCAs:      trusted,
			Certificates: []tls.Certificate{certificate},
			NextProtos:   []string{http3.NextProtoH3},
		},
		DialAddr: func(ctx context.Context, _ string, tlsConfig *tls.Config, config *quic.Config) (*quic.Conn, error) {
			return shared.Dial(ctx, address, tlsConfig, config)
		},
	}}, nil
}

// open makes a connection and a session, and waits for its address.
func (d *dialer) open(ctx context.Context) (*connectip.Conn, netip.Prefix, error) {
	request, err := connectip.NewRequest(ctx, template())
	if err != nil {
		return nil, netip.Prefix{}, err
	}
	session, _, err := d.transport.Dial(request)
	if err != nil {
		return nil, netip.Prefix{}, err
	}
	assigned, err := session.ReceiveAddressAssignment(ctx)
	if err == nil && len(assigned) == 0 {
		err = errors.New("no address was assigned")
	}
	if err != nil {
		session.Close()
		return nil, netip.Prefix{}, err
	}
	return session, assigned[0].IPPrefix, nil
}

func connect(folder, server, name string) error {
	dial, err := newDialer(folder, server)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	session, address, err := dial.open(ctx)
	if err != nil {
		return err
	}
	routes, err := session.Routes(ctx)
	if err != nil {
		return err
	}
	tun, err := openDevice(name, address)
	if err != nil {
		return err
	}
	for _, route := range routes {
		for _, prefix := range route.Prefixes() {
			if err := ip("route", "add", prefix.String(), "dev", name); err != nil {
				return err
			}
		}
	}
	failed := make(chan error, 2)
	go func() { failed <- tun.send(func([]byte) *connectip.Conn { return session }) }()
	go func() { failed <- tun.receive(session) }()
	return <-failed
}
