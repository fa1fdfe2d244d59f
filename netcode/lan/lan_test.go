package lan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/zeroconf/v2"
)

// patience bounds what takes real time here; nothing waits for it unless it fails.
const patience = time.Minute

func TestRead(t *testing.T) {
	ip := net.ParseIP
	entry := func(port int, text ...string) *zeroconf.ServiceEntry {
		return &zeroconf.ServiceEntry{ServiceRecord: zeroconf.ServiceRecord{Instance: "box-7777"}, Port: port, Text: text,
			AddrIPv4: []net.IP{ip("192.168.1.5"), ip("10.0.0.7"), ip("192.168.1.5"), ip("0.0.0.0"), ip("224.0.0.251"), {1, 2}},
			AddrIPv6: []net.IP{ip("fe80::1"), ip("2001:db8::1"), ip("::ffff:10.0.0.9"), ip("::")}}
	}
	if r, _ := read(entry(1, "pin=AAECAwQFBgcICQoLDA0OD#")); r.Pin != "" {
		t.Errorf("the pin is %q", r.Pin)
	}
	r, ok := read(entry(7777, "v=3", "name=Ann's\x00 \x1b[31mrelay\n", "tls=1", "other", "v"))
	if !ok || r.Name != "Ann's [31mrelay" || r.Version != 0 || !r.Secure {
		t.Errorf("%+v, %v", r, ok)
	}
	want := []string{"wss://192.168.1.5:7777", "wss://10.0.0.7:7777", "wss://[2001:db8::1]:7777", "wss://10.0.0.9:7777"}
	if got := r.URLs(); !slices.Equal(got, want) {
		t.Errorf("it is at %q, want %q", got, want)
	}
	if r, ok := read(entry(1)); !ok || r.Name != "box-7777" || r.Secure || r.URLs()[0] != "ws://192.168.1.5:1" {
		t.Errorf("without a text: %+v, %v", r, ok)
	}
	for _, port := range []int{0, -1, 65536} {
		if _, ok := read(entry(port)); ok {
			t.Errorf("port %d is taken for one", port)
		}
	}
	nowhere := entry(7777)
	nowhere.AddrIPv4, nowhere.AddrIPv6 = nil, []net.IP{ip("fe80::1")}
	if _, ok := read(nowhere); ok {
		t.Error("a relay without an address that can be dialled is listed")
	}
	many := entry(7777, "name="+strings.Repeat("ü", 100))
	for i := range 100 {
		many.AddrIPv4 = append(many.AddrIPv4, net.IPv4(10, 0, 1, byte(i)))
	}
	if r, _ := read(many); len(r.Addresses) != maxAddresses || r.Name != strings.Repeat("ü", maxName/2) {
		t.Errorf("%d addresses and the name %q", len(r.Addresses), r.Name)
	}
}

func TestLabel(t *testing.T) {
	for in, want := range map[string]string{"ann.local": "ann-local", "Büro 7": "B-ro-7", "": "", "...": "", strings.Repeat("x", 80): strings.Repeat("x", 50)} {
		if got := label(in); got != want {
			t.Errorf("label(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestListIsBounded hears from more relays than a list has room for, and from one in parts.
func TestListIsBounded(t *testing.T) {
	b := &Browser{heard: map[string]*sighting{}, news: make(chan struct{}, 1)}
	hear := func(round int, name, address string) {
		b.hear(&zeroconf.ServiceEntry{ServiceRecord: zeroconf.ServiceRecord{Instance: name}, Port: 7, AddrIPv4: []net.IP{net.ParseIP(address)}}, round)
	}
	hear(1, "a", "10.0.0.2")
	hear(1, "a", "10.0.0.1")
	for i := range 10 * maxRelays {
		hear(1, strings.Repeat("x", i+1), "10.0.0.3")
	}
	list, err := b.Relays()
	if err != nil || len(list) != maxRelays {
		t.Fatalf("%d relays, %v", len(list), err)
	}
	if got := list[0].URLs(); !slices.Equal(got, []string{"ws://10.0.0.1:7", "ws://10.0.0.2:7"}) {
		t.Errorf("the first is at %q", got)
	}
	hear(2, "a", "10.0.0.2")
	if list, _ = b.Relays(); len(list[0].Addresses) != 1 {
		t.Errorf("an address that is no longer announced stays: %v", list[0].Addresses)
	}
	b.forget(1+memory, nil)
	if list, _ = b.Relays(); len(list) != 1 || list[0].Name != "a" {
		t.Errorf("after a while the list is %+v", list)
	}
	b.forget(2+memory, errNoNetwork)
	if list, err = b.Relays(); len(list) != 0 || !errors.Is(err, errNoNetwork) {
		t.Errorf("in the end the list is %+v, %v", list, err)
	}
}

// interfaces are what the tests below announce and look on.
func interfaces(t *testing.T) []net.Interface {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if addrs, err := i.Addrs(); err == nil && len(addrs) > 0 && i.Flags&net.FlagUp != 0 && i.Flags&net.FlagMulticast != 0 {
			return []net.Interface{i}
		}
	}
	t.Skip("this machine has no network that takes multicast")
	return nil
}

// TestAnnounceAndFind finds two relays of one machine, and notices that one has gone.
func TestAnnounceAndFind(t *testing.T) {
	on := interfaces(t)
	open := func(name string, port int, secure bool, pin string) *Announcement {
		t.Helper()
		a, err := announce(name, port, secure, pin, 3, on)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	annName, bobName := fmt.Sprintf("Ann %d", os.Getpid()), fmt.Sprintf("Bob %d", os.Getpid())
	ann, bob := open(annName, 7001, false, "AAECAwQFBgcICQoLDA0ODw"), open(bobName, 7002, true, "")
	defer ann.Close()
	b := browse(on)
	defer b.Close()
	list := until(t, b, annName, bobName)
	if a := list[0]; a.Version != 3 || a.Secure || !strings.HasSuffix(a.URLs()[0], ":7001") || !strings.HasSuffix(a.Pinned()[0], ":7001#AAECAwQFBgcICQoLDA0ODw") {
		t.Errorf("Ann's relay is %+v", a)
	}
	if !list[1].Secure || !strings.HasPrefix(list[1].URLs()[0], "wss://") || strings.Contains(list[1].Pinned()[0], "#") {
		t.Errorf("Bob's relay is %+v", list[1])
	}
	bob.Close()
	until(t, b, annName)

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	found, err := find(ctx, on)
	if err != nil || !slices.ContainsFunc(found, func(r Relay) bool { return r.Name == annName }) {
		t.Errorf("found %+v, %v", found, err)
	}
}

// until waits until exactly these relays of this test are listed, whatever else is on the network.
func until(t *testing.T, b *Browser, names ...string) []Relay {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		list, err := b.Relays()
		list = slices.DeleteFunc(list, func(r Relay) bool { return !strings.HasSuffix(r.Name, fmt.Sprint(os.Getpid())) })
		var got []string
		for _, r := range list {
			got = append(got, r.Name)
		}
		if err == nil && slices.Equal(got, names) {
			return list
		}
		if time.Now().After(deadline) {
			t.Fatalf("the list is %q (%v), want %q", got, err, names)
		}
		time.Sleep(20 * time.Millisecond) // of real time, which the network takes
	}
}

// TestNothingToFind looks where nobody can be.
func TestNothingToFind(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*round)
	defer cancel()
	if list, err := find(ctx, []net.Interface{{Index: 1 << 20, Name: "none"}}); !errors.Is(err, errNoNetwork) {
		t.Errorf("on no network: %+v, %v", list, err)
	}
	if a, err := announce("x", 7003, false, "", 1, []net.Interface{{Index: 1 << 20, Name: "none"}}); err == nil {
		a.Close()
		t.Error("announced on no network")
	} else if !strings.Contains(err.Error(), "type its address") {
		t.Errorf("announcing on no network says %v", err)
	}
}
