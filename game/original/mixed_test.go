//go:build !js

package original_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/game/client"
	"tandem/netcode/original/server"
	"tandem/netcode/original/wire"
	"tandem/netcode/relay"
)

// clientSaw is what client.js tells at its end.
type clientSaw struct {
	Actions, Restarts, Strange, Wanted, Depth, Missing int
	Ordered, Host                                      bool
	Seat, HUD, End                                     string
	States                                             []string
}

// One stock client and one native peer through our relay, either of them as host: 300 frames in order
// and none lost, and a full state comes over unchanged in either direction.
func TestStockClientWithNative(t *testing.T) {
	for _, c := range []struct {
		version string
		parser  wire.Parser
		host    bool // the stock client is
	}{{"4.7.2", wire.JSON, true}, {"4.7.2", wire.JSON, false}, {"4.8", wire.Msgpack, true}, {"4.8", wire.JSON, false}} {
		t.Run(fmt.Sprintf("%s %v host %v", c.version, c.parser, c.host), func(t *testing.T) {
			packages.Dir(t)
			t.Parallel()
			host := relay.New(relay.Options{Front: server.New(server.Options{})})
			web := httptest.NewServer(host)
			defer web.Close()
			defer host.Close()
			ours := newNative("socketio://"+strings.TrimPrefix(web.URL, "http://"), c.parser, "participant-native", 300, "random")
			node := packages.Node(t.Context(), t, "client.js", c.version, c.parser.String(), web.URL, "participant-stock", "300")
			out, err := node.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(out)
			var native sync.WaitGroup
			play := func() { native.Go(func() { ours.end, ours.err = ours.Run(t.Context()) }) }
			if !c.host {
				play()
				untilWaiting(t, ours.Client)
			}
			if err := node.Start(); err != nil {
				t.Fatal(err)
			}
			if c.host {
				if line, err := lines.ReadString('\n'); err != nil || line != "waiting\n" {
					t.Fatalf("the stock client says %q, %v", line, err)
				}
				play()
			}
			line, err := lines.ReadString('\n')
			var saw clientSaw
			if err == nil {
				err = json.Unmarshal([]byte(line), &saw)
			}
			if werr := node.Wait(); err == nil {
				err = werr
			}
			native.Wait()
			if err != nil || ours.err != nil {
				t.Fatalf("the stock client says %q (%v); ours ended with %v", line, err, ours.err)
			}
			rep := ours.Report()
			if saw.Host != c.host || saw.Actions != 300 || saw.Strange != 0 || saw.Restarts == 0 {
				t.Errorf("the stock client saw %+v", saw)
			}
			if rep.Frames != 300 || rep.QueueMode.Invalid != 0 || rep.QueueMode.StatesRefused != 0 || !rep.QueueMode.Original ||
				rep.Queue.Max > 51 && rep.Stalls.Count == 0 { // what comes while everything stands still comes at once
				t.Errorf("ours reports %d frames, queue %+v, %+v", rep.Frames, rep.Queue, rep.QueueMode)
			}
			if !c.host && (!saw.Ordered || !strings.HasPrefix(saw.HUD, "Score: ")) {
				t.Errorf("our host's frames came in another order, or its HUD is %q", saw.HUD)
			}
			if len(saw.States) == 0 || len(saw.States) != rep.QueueMode.StatesSent+rep.QueueMode.StatesTaken {
				t.Fatalf("%d states; ours reports %+v", len(saw.States), rep.QueueMode)
			}
			if c.parser == wire.JSON {
				for i := range saw.States {
					if saw.States[i] != ours.tap.states[i] {
						t.Errorf("state %d has changed on its way:\n%.400s\n%.400s", i, saw.States[i], ours.tap.states[i])
					}
				}
			}
		})
	}
}

// untilWaiting returns once a client sits in the waiting room.
func untilWaiting(t *testing.T, c *client.Client) {
	t.Helper()
	var v client.View
	for range 60_000 {
		if c.View(time.Now(), &v); v.Phase == client.Waiting {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("never in the waiting room: %s", v.Headline)
}
