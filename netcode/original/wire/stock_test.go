//go:build !js

package wire

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tandem/netcode/original/stock"
)

// packages are the stock ones, installed when a test needs them first.
var packages = stock.Packages{Scripts: "testdata/interop"}

func TestMain(m *testing.M) { os.Exit(packages.Run(m)) }

// What our encoders write is, byte for byte, what the stock ones write for the same event.
func TestStockEncodersWriteTheSame(t *testing.T) {
	dir := packages.Dir(t)
	var lines strings.Builder
	for _, e := range events(t) {
		fmt.Fprintf(&lines, "%s\n", e.wire)
	}
	node := exec.Command("node", "encode.js")
	node.Dir = dir
	node.Stdin = strings.NewReader(lines.String())
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i, e := range events(t) {
		var want struct{ JSON, Server, Client string }
		if err := json.Unmarshal([]byte(said[i]), &want); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			e    Encoder
			want string
		}{{Encoder{JSON, ServerRole}, want.JSON}, {Encoder{JSON, ClientRole}, want.JSON},
			{Encoder{Msgpack, ServerRole}, want.Server}, {Encoder{Msgpack, ClientRole}, want.Client}} {
			got, _, err := c.e.AppendEvent(nil, e.p)
			if err != nil || hex.EncodeToString(got) != c.want {
				t.Errorf("%s, %v: %x, %v; the stock library writes %s", e.p.Name(), c.e, got, err, c.want)
			}
		}
	}
}
