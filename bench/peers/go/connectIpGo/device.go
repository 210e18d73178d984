package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"sync"

	connectip "github.com/quic-go/connect-ip-go"
	"golang.zx2c4.com/wireguard/tun"
)

const (
	innerMtu = 1400
	// Room in front of a packet for the kernel's offload header.
	headroom = 16
	// Packets written to the device at once, so that it has something to join.
	writeBatch = 128
)

type packet struct {
	storage []byte
	length  int
}

var packets = sync.Pool{New: func() any { return &packet{storage: make([]byte, headroom+65535)} }}

// device is a TUN interface with a queue in front of it.
type device struct {
	tun   tun.Device
	name  string
	queue chan *packet
}

func openDevice(name string, address netip.Prefix) (*device, error) {
	opened, err := tun.CreateTUN(name, innerMtu)
	if err != nil {
		return nil, err
	}
	d := &device{tun: opened, name: name, queue: make(chan *packet, 1024)}
	if err := ip("address", "add", address.String(), "dev", name); err != nil {
		return nil, err
	}
	go d.drain()
	return d, ip("link", "set", name, "up")
}

func ip(arguments ...string) error {
	if output, err := exec.Command("ip", arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %v: %s", arguments, output)
	}
	return nil
}

// receive puts everything the other end sends into the queue, until the session ends.
func (d *device) receive(session *connectip.Conn) error {
	for {
		p := packets.Get().(*packet)
		length, err := session.ReadPacket(p.storage[headroom : headroom+2048])
		if err != nil {
			packets.Put(p)
			return err
		}
		p.length = length
		d.queue <- p
	}
}

// drain writes what is queued, as much at once as there is.
func (d *device) drain() {
	taken := make([]*packet, 0, writeBatch)
	buffers := make([][]byte, 0, writeBatch)
	for first := range d.queue {
		taken, buffers = append(taken[:0], first), buffers[:0]
		for more := true; more && len(taken) < writeBatch; {
			select {
			case next := <-d.queue:
				taken = append(taken, next)
			default:
				more = false
			}
		}
		for _, p := range taken {
			buffers = append(buffers, p.storage[:headroom+p.length])
		}
		// What the kernel does not take is lost, as on any link.
		_, _ = d.tun.Write(buffers, headroom)
		for _, p := range taken {
			packets.Put(p)
		}
	}
}

// send reads the device and gives each packet to the session that `choose` names; nil drops it.
func (d *device) send(choose func(packet []byte) *connectip.Conn) error {
	buffers, sizes := make([][]byte, d.tun.BatchSize()), make([]int, d.tun.BatchSize())
	for i := range buffers {
		buffers[i] = make([]byte, 65535)
	}
	for {
		count, err := d.tun.Read(buffers, sizes, 0)
		if err != nil && !errors.Is(err, tun.ErrTooManySegments) {
			return err
		}
		for i := range count {
			content := buffers[i][:sizes[i]]
			session := choose(content)
			if session == nil {
				continue
			}
			icmp, err := session.WritePacket(content)
			if errors.Is(err, net.ErrClosed) || len(icmp) == 0 {
				continue
			}
			p := packets.Get().(*packet)
			p.length = copy(p.storage[headroom:], icmp)
			d.queue <- p
		}
	}
}
