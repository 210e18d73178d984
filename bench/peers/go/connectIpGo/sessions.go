package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	connectip "github.com/quic-go/connect-ip-go"
)

// openSessions opens sessions, some at a time, says how many, and closes each at once or holds all until it is
// ended by a signal.
func openSessions(folder, server string, count, parallel int, hold bool) error {
	dial, err := newDialer(folder, server)
	if err != nil {
		return err
	}
	var failed atomic.Int64
	var group sync.WaitGroup
	held := make([]*connectip.Conn, count)
	turns := make(chan struct{}, parallel)
	for i := range count {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			session, _, err := dial.open(ctx)
			switch {
			case err != nil:
				failed.Add(1)
			case hold:
				held[i] = session
			default:
				session.Close()
			}
		})
	}
	group.Wait()
	fmt.Printf("opened %d failed %d\n", int64(count)-failed.Load(), failed.Load())
	if hold {
		select {}
	}
	return nil
}
