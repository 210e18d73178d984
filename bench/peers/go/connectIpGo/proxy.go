package main

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"sync"
	"time"

	connectip "github.com/quic-go/connect-ip-go"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/yosida95/uritemplate/v3"
)

func quicConfig() *quic.Config {
	return &quic.Config{
		EnableDatagrams:    true,
		InitialPacketSize:  1452,
		MaxIdleTimeout:     30 * time.Second,
		KeepAlivePeriod:    10 * time.Second,
		MaxIncomingStreams: 1000,
	}
}

func template() *uritemplate.Template { return uritemplate.MustNew("https://" + serverName + "/vpn") }

// sessions knows which session has which address.
type sessions struct {
	mutex sync.RWMutex
	pool  netip.Prefix
	last  netip.Addr
	open  map[netip.Addr]*connectip.Conn
}

// add gives a session the next free address.
func (s *sessions) add(session *connectip.Conn) netip.Addr {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for {
		s.last = s.last.Next()
		if !s.pool.Contains(s.last) {
			s.last = s.pool.Addr()
			continue
		}
		if s.open[s.last] == nil {
			s.open[s.last] = session
			return s.last
		}
	}
}

func (s *sessions) remove(address netip.Addr) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.open, address)
}

// owner of an IPv4 packet's destination.
func (s *sessions) owner(packet []byte) *connectip.Conn {
	if len(packet) < 20 || packet[0]>>4 != 4 {
		return nil
	}
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.open[netip.AddrFrom4([4]byte(packet[16:20]))]
}

func serve(folder, listen, name string, pool netip.Prefix) error {
	certificate, trusted, err := identity(folder, "server")
	if err != nil {
		return err
	}
	tun, err := openDevice(name, pool)
	if err != nil {
		return err
	}
	known := &sessions{pool: pool, last: pool.Addr(), open: map[netip.Addr]*connectip.Conn{}}
	routes := []connectip.IPRoute{{StartIP: pool.Masked().Addr(), EndIP: lastOf(pool)}}
	proxy := connectip.Proxy{}
	handler := http.NewServeMux()
	handler.HandleFunc("/vpn", func(response http.ResponseWriter, request *http.Request) {
		parsed, err := connectip.ParseProxyRequest(request, template())
		if err != nil {
			response.WriteHeader(http.StatusBadRequest)
			return
		}
		session, err := proxy.Proxy(response, parsed)
		if err != nil {
			return
		}
		defer session.Close()
		address := known.add(session)
		defer known.remove(address)
		if session.AssignAddresses([]netip.Prefix{netip.PrefixFrom(address, 32)}) != nil || session.AdvertiseRoute(routes) != nil {
			return
		}
		_ = tun.receive(session)
	})
	failed := make(chan error, 2)
	go func() { failed <- tun.send(known.owner) }()
	server := http3.Server{
		Addr:            listen,
		Handler:         handler,
		EnableDatagrams: true,
		QUICConfig:      quicConfig(),
		TLSConfig: http3.ConfigureTLSConfig(&tls.Config{
			Certificates: []tls.Certificate{certificate},
			ClientCAs:    trusted,
			ClientAuth:   tls.RequireAndVerifyClientCert,
		}),
	}
	go func() { failed <- server.ListenAndServe() }()
	return <-failed
}

func lastOf(prefix netip.Prefix) netip.Addr {
	bytes := prefix.Masked().Addr().As4()
	for bit := prefix.Bits(); bit < 32; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(bytes)
}
