//go:build !js

package programs

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// busy returns an address on which something listens already.
func busy(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

// free returns an address on which nothing listens.
func free(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	return ln.Addr().String()
}

// TestWrongCommandLines: each ends in one sentence that says what to do, before anything begins.
func TestWrongCommandLines(t *testing.T) {
	taken, folder := busy(t), t.TempDir()
	jsonFolder := filepath.Join(folder, "folder.json")
	if err := os.Mkdir(jsonFolder, 0o755); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(folder, "key.pem")
	if err := os.WriteFile(open, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	same := free(t)
	_, samePort, _ := strings.Cut(same, ":")
	missing := filepath.Join(folder, "missing", "out.json")
	long := strings.Repeat("x", protocol.MaxLetters+1)
	for _, c := range []struct {
		args  string // of a program; FILE and the like are filled in below
		words string
	}{
		{"tandem-relay -nonsense", "-h lists what there is"},
		{"tandem-relay 7777", `"7777" is not a flag`},
		{"tandem-relay -max-rooms 0", "from 1 to"},
		{"tandem-relay -max-rooms many", "-max-rooms"},
		{"tandem-relay -hosts https://play.example.org", "without scheme"},
		{"tandem-relay -tls-cert x -tls-key " + open, "can be read by every user"},
		{"tandem-relay -key " + open, "-insecure-key"},
		{"tandem-relay -origins play.example.org", "write for example https://play.example.org"},
		{"tandem-relay -per-address 5", "for example 128/64"},
		{"tandem-relay -per-address 5/-1", "for example 128/64"},
		{"tandem-relay -trusted-proxies localhost", "10.0.0.0/8"},
		{"tandem-relay -original-ping 2", "for example 25s/20s"},
		{"tandem-relay -original-ping 2s/0s", "from 1s to 10m"},
		{"tandem-relay -original=false -original-data x", "leave one of them out"},
		{"tandem-relay -original=false -original-ping 5s/5s", "leave one of them out"},
		{"tandem-relay -record-limit 5GB", "-record-limit is for -record"},
		{"tandem-relay -insecure-key -key none", "there is none"},
		{"tandem-relay -original-data errors_test.go/x", "choose another"},
		{"tandem-relay -record errors_test.go", "cannot be made"},
		{"tandem-relay -listen " + taken, "in use"},
		{"tandem-relay -listen nowhere", "-listen HOST:PORT"},
		{"tandem-relay -listen 127.0.0.1:0 -metrics " + taken, "another port with -metrics"},
		{"tandem-relay -listen 127.0.0.1:0 -metrics nowhere", "-metrics PORT or -metrics HOST:PORT"},
		{"tandem-relay -listen 127.0.0.1:0 -metrics 99999", "-metrics PORT or -metrics HOST:PORT"},
		{"tandem-relay -listen " + same + " -metrics " + samePort, "the players have port"},

		{"tandem-peer", "-relay HOST:PORT"},
		{"tandem-peer -nonsense", "-h lists what there is"},
		{"tandem-peer embedded", "is not a flag"},
		{"tandem-peer -relay embedded -env chess", `no environment "chess"; choose one of`},
		{"tandem-peer -relay embedded -bot deep", `no bot "deep"; choose one of`},
		{"tandem-peer -relay embedded -env-opt lives", "NAME=VALUE"},
		{"tandem-peer -relay embedded -env-opt lives=many", "whole number"},
		{"tandem-peer -relay embedded -env-opt lives=0", "must be from"},
		{"tandem-peer -relay embedded -env-opt gravity=1", "it has: lives"},
		{"tandem-peer -relay embedded -set colour=red", "there are: "},
		{"tandem-peer -relay embedded -set delay", "NAME=VALUE"},
		{"tandem-peer -relay embedded -set delay=soon", "write auto, a number"},
		{"tandem-peer -relay embedded -set actions=3", "choose it with env"},
		{"tandem-peer -relay embedded -delay 99", "from 0 to"},
		{"tandem-peer -relay embedded -frames -1", "-frames"},
		{"tandem-peer -relay embedded -players 3", "has 2 seats"},
		{"tandem-peer -relay embedded -players -1", "-players -1"},
		{"tandem-peer -relay embedded -net fast", "network"},
		{"tandem-peer -relay embedded -net rtt=soon", "rtt"},
		{"tandem-peer -relay embedded -net rtt=9ms,seat=2", "seat=0 to seat=1"},
		{"tandem-peer -relay embedded -name " + long, "at most 32 letters; this one has 33"},
		{"tandem-peer -relay embedded -name a\x1bb", "control characters"},
		{"tandem-peer -relay embedded -report out.txt", "ends in .json"},
		{"tandem-peer -relay embedded -report " + missing, "folder that exists"},
		{"tandem-peer -relay embedded -report " + jsonFolder, "that is a folder"},
		{"tandem-peer -relay embedded -record " + folder, "that is a folder"},
		{"tandem-peer -relay embedded -players 2 -env slime -record " + missing, "folder that exists"},
		{"tandem-peer -sync-test", "name it with -env"},
		{"tandem-peer -sync-test -env chess", `no environment "chess"`},
		{"tandem-peer -sync-test -env slime -record r.tandem", "add -relay embedded"},
		{"tandem-peer -sync-test -env slime -desync d", "nothing for -desync to do"},
		{"tandem-peer -sync-test -env slime -watch -room r", "nothing for -room, -watch to do"},
		{"tandem-peer -sync-test -env slime -delay 3", "nothing for -delay to do"},
		{"tandem-peer -sync-test -env slime -players 3", "has 2 seats"},
		{"tandem-peer -relay embedded -keep-seat", "nobody comes back here"},
		{"tandem-peer -relay embedded -tls-ca x", "not for the one in this process"},
		{"tandem-peer -sync-test -env slime -bot deep", `no bot "deep"`},
		{"tandem-peer -relay 127.0.0.1", "-room"},
		{"tandem-peer -relay 127.0.0.1 -env slime -players 2", "-room"},
		{"tandem-peer -relay 127.0.0.1 -room r -env-opt lives=2", "needs env"},

		{"tandem-peer -relay embedded -watch", "nobody else plays"},
		{"tandem-peer -relay 127.0.0.1 -watch", "needs -room"},
		{"tandem-peer -relay 127.0.0.1 -watch -room r -bot random", "leave one of them out"},
		{"tandem-peer -relay socketio://127.0.0.1 -watch", "no spectators"},
		{"tandem -watch", "-watch needs -room"},
		{"tandem -watch -room r -host", "leave one of them out"},
		{"tandem -watch -room r -bot random", "leave one of them out"},
		{"tandem -watch -room r -relay socketio://127.0.0.1", "no spectators"},

		{"tandem-peer -relay embedded -mode lockstep", "sequenced or queue"},
		{"tandem-peer -relay 127.0.0.1 -mode queue", "socketio://HOST:PORT"},
		{"tandem-peer -relay socketio://127.0.0.1 -mode sequenced", "leave -mode out"},
		{"tandem-peer -relay embedded -mode queue -players 3", "has 2 seats"},
		{"tandem-peer -relay embedded -mode queue -record r.tandem", "no match to record"},
		{"tandem-peer -relay embedded -mode queue -sync-test", "sequenced play"},
		{"tandem-peer -relay embedded -mode queue -transport quic", "Socket.IO alone"},
		{"tandem-peer -relay embedded -mode queue -desync d", "no reports of desyncs"},
		{"tandem-peer -relay embedded -mode queue -bot deep", `no bot "deep"`},
		{"tandem-peer -relay embedded -mode queue -room r", "no room codes"},
		{"tandem-peer -relay embedded -mode queue -env overcooked/cramped_room", "plays slime"},
		{"tandem-peer -relay embedded -mode queue -delay auto", "write one, for example 3"},
		{"tandem-peer -relay embedded -mode queue -set players=3", "the scene of the relay decides"},
		{"tandem-peer -relay embedded -mode queue -env-opt lives=3", "the scene of the relay decides"},
		{"tandem-peer -relay socketio://127.0.0.1:1?parser=xml", "json (the default) or msgpack"},
		{"tandem-peer -relay socketio:///x", "names no host"},
		{"tandem -relay socketio://127.0.0.1 -room r", "no room codes"},

		{"tandem -nonsense", "-h lists what there is"},
		{"tandem now", "is not a flag"},
		{"tandem -host -relay 127.0.0.1", "one of them"},
		{"tandem -listen :1", "-host"},
		{"tandem -host -players 3", "there is room for 1 or 2"},
		{"tandem -players 2", "-players 2 needs -host"},
		{"tandem -players 2 -relay 127.0.0.1 -room r -watch", "-players 2 is for matches"},
		{"tandem -after 3", "-screenshot"},
		{"tandem -bot ace -delay 3", "add host"},
		{"tandem -bot ace -set frames=90 -set late_policy=wait", "late_policy=wait"},
		{"tandem -bot random -transport quic", "-transport needs -relay"},
		{"tandem -host -transport ws", "-transport needs -relay"},
		{"tandem -relay socketio://127.0.0.1 -transport ws", "Socket.IO alone"},
		{"tandem -screenshot a.png -after -1", "from 0 to"},
		{"tandem -env chess", `no environment "chess"; choose one of`},
		{"tandem -bot deep", `no bot "deep"; choose one of`},
		{"tandem -env-opt lives=0", "must be from"},
		{"tandem -set colour=red", "there are: "},
		{"tandem -delay soon", "write auto, a number"},
		{"tandem -bot random -report " + missing, "folder that exists"},
		{"tandem -report out.json", "-bot, -host or -relay"},
		{"tandem -record out.tandem", "-bot, -host or -relay"},
		{"tandem -bot random -record " + folder, "that is a folder"},
		{"tandem -name " + long, "at most 32 letters; this one has 33"},
		{"tandem -name a\x1bb", "control characters"},
		{"tandem -host -listen " + taken, "in use"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(c.args)
			begin(t, nil, words[0], words[1:]...).sentence(usage, c.words)
		})
	}
}

// TestHelp is no error.
func TestHelp(t *testing.T) {
	for _, name := range []string{"tandem", "tandem-relay", "tandem-peer", "tandem-replay"} {
		p := begin(t, nil, name, "-h")
		if code := p.wait(); code != 0 || p.errs.String() != "" || !strings.Contains(p.out.String(), name+" ") || !strings.Contains(p.out.String(), "  -") {
			t.Errorf("%s -h: exit code %d, %q, %q", name, code, p.out.String(), p.errs.String())
		}
		if strings.Contains(p.out.String(), "testenv") {
			t.Errorf("%s -h offers an environment that is for tests: %q", name, p.out.String())
		}
	}
}

// TestVersion says what program this is, whatever else stands on the command line.
func TestVersion(t *testing.T) {
	for _, args := range []string{"tandem -version", "tandem-relay -version", "tandem-peer -version -frames 3", "tandem-replay -version", "tandem-replay verify -version"} {
		words := strings.Fields(args)
		p := begin(t, nil, words[0], words[1:]...)
		code, said := p.wait(), p.out.String()
		if want := words[0] + " "; code != 0 || p.errs.String() != "" || !strings.HasPrefix(said, want) || !strings.Contains(said, "protocol") || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q, %q", args, code, said, p.errs.String())
		}
	}
}

// TestRelayRefusals are what a joining peer can be told.
func TestRelayRefusals(t *testing.T) {
	_, addr := relayServer(t, "-max-rooms", "1")
	// A room with its seats taken by connections that never get ready.
	create := []string{"env=slime", "env_version=1", "env_options=lives=1 max_steps=3000 survival_reward=0 human_inputs=1 episodes=5",
		"actions=6", "players=2"}
	sit := func() transport.Conn {
		conn, err := transport.Dial(t.Context(), addr, transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		hello := protocol.Append(nil, &protocol.Hello{Magic: protocol.Magic, Version: protocol.Version})
		if err := conn.Write(protocol.Append(hello, &protocol.Join{Room: "full", Seat: -1, Create: create})); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the welcome, then the seat
			if _, err := conn.Read(); err != nil {
				t.Fatal(err)
			}
		}
		return conn
	}
	first := sit()
	begin(t, nil, "tandem-peer", "-relay", addr, "-room", "full", "-delay", "9").sentence(failed, "the host's options bind")
	begin(t, nil, "tandem-peer", "-relay", addr, "-room", "full", "-env", "testenv").sentence(failed, "chose env=slime")
	begin(t, nil, "tandem-peer", "-relay", addr, "-room", "nowhere").sentence(failed, `no room "nowhere"`)
	begin(t, nil, "tandem-peer", "-relay", addr, "-room", "a/b").sentence(failed, "letters, digits")
	begin(t, nil, "tandem-peer", "-relay", addr, "-room", "second", "-env", "slime").sentence(failed, "holds 1 rooms already")
	second := sit()
	begin(t, nil, "tandem-peer", "-relay", addr, "-room", "full").sentence(failed, "is full")
	for _, conn := range []transport.Conn{first, second} {
		if err := conn.Close(transport.CodeNormal, ""); err != nil {
			t.Error(err)
		}
	}
}

func TestRelayUnreachable(t *testing.T) {
	t.Parallel()
	begin(t, nil, "tandem-peer", "-relay", free(t), "-room", "r").sentence(failed, "start one with tandem-relay")
	begin(t, nil, "tandem-peer", "-relay", "host.invalid:7777", "-room", "r").sentence(failed, "host.invalid")
	begin(t, nil, "tandem-peer", "-relay", "ftp://x", "-room", "r").sentence(failed, "ws")
}

// TestUnreachableWindow shows what is wrong in the window and says it once more at the end.
func TestUnreachableWindow(t *testing.T) {
	if os.Getenv("DISPLAY") == "" {
		t.Skip("this machine has no screen: DISPLAY is not set")
	}
	t.Parallel()
	picture := filepath.Join(t.TempDir(), "a.png")
	begin(t, nil, "tandem", "-relay", free(t), "-room", "r", "-screenshot", picture, "-after", "2").sentence(failed, "start one with tandem-relay")
	if info, err := os.Stat(picture); err != nil || info.Size() == 0 {
		t.Errorf("no picture was saved: %v", err)
	}
}

// TestSilentAddress connects to something that takes connections and says nothing.
func TestSilentAddress(t *testing.T) {
	t.Parallel()
	began := time.Now()
	p := begin(t, nil, "tandem-peer", "-relay", busy(t), "-room", "r")
	p.sentence(failed, "does not answer within")
	if took := time.Since(began); took > patience/2 {
		t.Errorf("that took %v", took)
	}
}
