// Command wireguardSessions opens many WireGuard sessions from one process, without TUN interfaces.
//
//	wireguardSessions keys FOLDER COUNT
//	wireguardSessions open FOLDER SERVER_KEY_HEX ADDRESS:PORT COUNT PARALLEL hold|close
//
// `keys` writes FOLDER/clients, a private key in each line, and FOLDER/peers, the lines that make the server know them.
package main

import (
	"bufio"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.zx2c4.com/wireguard/conn"
	"golang.zx2c4.com/wireguard/device"
	"golang.zx2c4.com/wireguard/tun/tuntest"
)

const patience = 10 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "wireguardSessions:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 3 && arguments[0] == "keys":
		count, err := strconv.Atoi(arguments[2])
		if err != nil {
			return err
		}
		return writeKeys(arguments[1], count)
	case len(arguments) == 7 && arguments[0] == "open":
		count, err := strconv.Atoi(arguments[4])
		if err != nil {
			return err
		}
		parallel, err := strconv.Atoi(arguments[5])
		if err != nil {
			return err
		}
		return open(arguments[1], arguments[2], arguments[3], count, parallel, arguments[6] == "hold")
	}
	return fmt.Errorf("keys or open; see main.go")
}

func writeKeys(folder string, count int) error {
	var clients, peers strings.Builder
	for i := range count {
		key, err := ecdh.X25519().GenerateKey(rand.Reader)
		if err != nil {
			return err
		}
		fmt.Fprintln(&clients, hex.EncodeToString(key.Bytes()))
		fmt.Fprintf(&peers, "public_key=%s\nallowed_ip=10.8.%d.%d/32\n", hex.EncodeToString(key.PublicKey().Bytes()), i/250, i%250+1)
	}
	if err := os.WriteFile(filepath.Join(folder, "clients"), []byte(clients.String()), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "peers"), []byte(peers.String()), 0o600)
}

// open makes a handshake for each of the first keys, some at a time.
func open(folder, serverKey, endpoint string, count, parallel int, hold bool) error {
	file, err := os.Open(filepath.Join(folder, "clients"))
	if err != nil {
		return err
	}
	defer file.Close()
	var opened, failed atomic.Int64
	var group sync.WaitGroup
	turns := make(chan struct{}, parallel)
	lines := bufio.NewScanner(file)
	for range count {
		if !lines.Scan() {
			return fmt.Errorf("there are fewer than %d keys", count)
		}
		key := lines.Text()
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			// The device says that it is up at once, so the persistent keepalive starts the handshake.
			client := device.NewDevice(tuntest.NewChannelTUN().TUN(), conn.NewDefaultBind(), device.NewLogger(device.LogLevelSilent, ""))
			configuration := fmt.Sprintf("private_key=%s\npublic_key=%s\nendpoint=%s\nallowed_ip=0.0.0.0/0\npersistent_keepalive_interval=25\n", key, serverKey, endpoint)
			if err := client.IpcSet(configuration); err != nil || !shakesHands(client) {
				failed.Add(1)
			} else {
				opened.Add(1)
			}
			if !hold {
				client.Close()
			}
		})
	}
	group.Wait()
	fmt.Printf("opened %d failed %d\n", opened.Load(), failed.Load())
	if hold {
		select {}
	}
	return nil
}

// shakesHands waits for the handshake; the device tells nobody, so it is asked.
func shakesHands(client *device.Device) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		state, err := client.IpcGet()
		if err != nil {
			return false
		}
		if _, rest, found := strings.Cut(state, "last_handshake_time_nsec="); found && !strings.HasPrefix(rest, "0\n") {
			return true
		}
	}
	return false
}
