//go:build !js

package programs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// network joins two machines that do not exist by a cable: network namespaces and a pair of virtual
// interfaces. The first has an address besides that the second cannot reach.
func network(t *testing.T) (ann, bob []string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("this machine has no ip (iproute2)")
	}
	a, b := fmt.Sprintf("tandem-a%d", os.Getpid()), fmt.Sprintf("tandem-b%d", os.Getpid())
	run := func(args string) error {
		out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ip %s: %w: %s", args, err, out)
		}
		return nil
	}
	for _, ns := range []string{a, b} {
		if err := run("netns add " + ns); err != nil {
			t.Skipf("this machine has no network namespaces for us: %v", err)
		}
		t.Cleanup(func() {
			if err := run("netns del " + ns); err != nil { // its end of the cable goes with it
				t.Error(err)
			}
		})
	}
	for _, args := range []string{
		"-n " + a + " link add cable type veth peer name cable netns " + b,
		"-n " + a + " addr add 10.66.0.1/24 dev cable", "-n " + a + " addr add 10.78.0.1/24 dev cable",
		"-n " + b + " addr add 10.78.0.2/24 dev cable",
		"-n " + a + " link set cable up", "-n " + b + " link set cable up",
		"-n " + a + " link set lo up", "-n " + b + " link set lo up",
	} {
		if err := run(args); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"ip", "netns", "exec", a}, []string{"ip", "netns", "exec", b}
}

// TestLocalNetwork lets two players find a relay on the local network, at the address that they can
// reach, and says what to do where there is none or more than one.
func TestLocalNetwork(t *testing.T) {
	ann, bob := network(t)
	find := func(args ...string) *process {
		return beginBy(t, bob, nil, "tandem-peer", append([]string{"-room", "lan"}, args...)...)
	}
	p := find()
	if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "start a relay with tandem-relay -lan") {
		t.Errorf("with no relay: exit code %d, %s", code, p.errs.String())
	}
	relay := func(port string) *process {
		p := beginBy(t, ann, nil, "tandem-relay", "-lan", "-listen", ":"+port)
		p.says(&p.out, "listens on ")
		return p
	}
	relay("7777")
	var peers [2]*process
	var files [2]string
	for i := range peers {
		files[i] = filepath.Join(t.TempDir(), "f.json")
		peers[i] = find("-env", "testenv", "-frames", "30", "-set", "countdown_ms=0", "-report", files[i])
	}
	for i, p := range peers {
		if code := p.wait(); code != 0 {
			t.Fatalf("peer %d ended with %d:\n%s", i, code, p.errs.String())
		}
	}
	if x, y := readReport(t, files[0]).Seats[0], readReport(t, files[1]).Seats[0]; x.Frames != 30 || x.FinalHash == "" || x.FinalHash != y.FinalHash {
		t.Errorf("the reports are\n%+v\n%+v", x, y)
	}
	relay("7778")
	// Who looks hears what answers within its patience: on a busy machine perhaps one of the two, and in
	// the end both.
	for tries := 1; ; tries++ {
		p = find()
		code, said := p.wait(), p.errs.String()
		if code == failed && strings.Contains(said, "choose one with -relay: ws://10.") && strings.Contains(said, ":7777 (") && strings.Contains(said, ":7778 (") {
			return
		}
		if t.Logf("with two relays: exit code %d, %s", code, said); tries == 10 {
			t.Fatal("never were both of them found")
		}
	}
}

// TestLocalOnly asks for a relay to be found that only its own machine reaches.
func TestLocalOnly(t *testing.T) {
	t.Parallel()
	p := begin(t, nil, "tandem-relay", "-lan", "-listen", "127.0.0.1:0")
	p.says(&p.errs, "only this computer reaches")
}
