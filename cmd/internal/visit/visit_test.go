package visit

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// An address means what its author meant, whatever was appended to it on the way.
func TestRead(t *testing.T) {
	none := url.Values{}
	for _, c := range []struct {
		query string
		want  Visit
	}{
		{"", Visit{Kept: none}},
		{"?", Visit{Kept: none}},
		{"?&&=&", Visit{Kept: none}},
		{"?room=lusab-babad-babop", Visit{Room: "lusab-babad-babop", Kept: none}},
		{"?room=CODE&fbclid=IwAR0x", Visit{Room: "CODE", Kept: url.Values{"fbclid": {"IwAR0x"}}}},
		{"?utm_source=mail&room=CODE", Visit{Room: "CODE", Kept: url.Values{"utm_source": {"mail"}}}},
		{"?PROLIFIC_PID=5f0&STUDY_ID=6a1&SESSION_ID=7b2", Visit{Kept: url.Values{"PROLIFIC_PID": {"5f0"}, "STUDY_ID": {"6a1"}, "SESSION_ID": {"7b2"}}}},
		{"?host&env-opt=episodes%3D2", Visit{Host: true, Match: Match{EnvOpts: []string{"episodes=2"}}, Kept: none}},
		{"?host&env-opt=a=1&env-opt=b%3D2+c%3D3&set=late_policy=wait", Visit{Host: true, Match: Match{EnvOpts: []string{"a=1", "b=2", "c=3"}, Set: []string{"late_policy=wait"}}, Kept: none}},
		{"?env=tetris", Visit{Match: Match{Env: "tetris"}, Kept: none}},
		{"?watch", Visit{Match: Match{Watch: true}, Kept: none}},
		{"?room=CODE&watch=1", Visit{Room: "CODE", Match: Match{Watch: true}, Kept: none}},
		{"?host=no&watch=false&v=0", Visit{Kept: none}},
		{"?host=yes&v", Visit{Host: true, Verbose: true, Kept: none}},
		{"?host&name=Ada+L.&delay=5&bot=ace", Visit{Host: true, Name: "Ada L.", Match: Match{Delay: "5", Bot: "ace"}, Kept: none}},
		{"?room=&env=slime&name=&bot=", Visit{Match: Match{Env: "slime"}, Kept: none}}, // as a form sends it
		{"?name=Zo%C3%AB", Visit{Name: "Zoë", Kept: none}},

		// Links in the wild.
		{"?room=CODE)", Visit{Room: "CODE", Kept: none}},
		{"?room=CODE%29.", Visit{Room: "CODE", Kept: none}},
		{"?room=%22CODE%22", Visit{Room: "CODE", Kept: none}},
		{"?room=%E2%80%9CCODE%E2%80%9D,", Visit{Room: "CODE", Kept: none}},
		{"?room=CODE'", Visit{Room: "CODE", Kept: none}},
		{"?room=CODE/", Visit{Room: "CODE", Kept: none}},
		{"?room=CODE%3E", Visit{Room: "CODE", Kept: none}},
		{"?room=CODE%E2%80%8B", Visit{Room: "CODE", Kept: none}}, // a space of no width
		{"?room=lusab+babad+babop+", Visit{Room: "lusab babad babop", Kept: none}},
		{"?room=CODE?utm_source=chat", Visit{Room: "CODE", Kept: none}},
		{"?room=CODE&amp;name=Bo", Visit{Room: "CODE", Name: "Bo", Kept: none}},
		{"?Room=CODE&NAME=Bo", Visit{Room: "CODE", Name: "Bo", Kept: none}},
		{"?room=CODE&room=other&name=Ada&name=Eve", Visit{Room: "CODE", Name: "Ada", Kept: none}},
		{"?room=)", Visit{Kept: none}},

		// What is damaged is no reason to play nothing.
		{"?room=CODE&name=100%", Visit{Room: "CODE", Name: "100%", Kept: none}},
		{"?room=CODE&x=%zz&y;z=1", Visit{Room: "CODE", Kept: url.Values{"x": {"%zz"}, "y;z": {"1"}}}},
		{"?room=CODE&fbclid=a&fbclid=b", Visit{Room: "CODE", Kept: url.Values{"fbclid": {"a", "b"}}}},
		// What a page has no use for: files, other relays.
		{"?relay=10.0.0.1:7777&record=x&help&h", Visit{Kept: url.Values{"relay": {"10.0.0.1:7777"}, "record": {"x"}, "help": {""}, "h": {""}}}},
	} {
		if got := Read(c.query); !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s\n\tread %+v\n\twant %+v", c.query, *got, c.want)
		}
	}
}

// A page that is loaded again knows what its first address said, unless the address says something else.
func TestRecall(t *testing.T) {
	first := Read("?host&env=slime&env-opt=episodes=2&set=late_policy=wait&delay=5&bot=ace&PROLIFIC_PID=5f0")
	address := Address("lusab-babad-babop")
	if address != "?room=lusab-babad-babop" || Address("") != "" || Address("a b&c") != "?room=a+b%26c" {
		t.Errorf("the addresses are %q, %q and %q", address, Address(""), Address("a b&c"))
	}
	again := Read(address + "&STUDY_ID=6a1")
	again.Recall(first.Text())
	again.RecallKept(first.KeptText())
	if !reflect.DeepEqual(again.Match, first.Match) {
		t.Errorf("recalled %+v, want %+v", again.Match, first.Match)
	}
	if want := (url.Values{"PROLIFIC_PID": {"5f0"}, "STUDY_ID": {"6a1"}}); !reflect.DeepEqual(again.Kept, want) {
		t.Errorf("kept %v, want %v", again.Kept, want)
	}
	other := Read(address + "&env=overcooked/party_3&PROLIFIC_PID=new")
	other.Recall(first.Text())
	other.RecallKept(first.KeptText())
	if want := (Match{Env: "overcooked/party_3"}); !reflect.DeepEqual(other.Match, want) || other.Kept.Get("PROLIFIC_PID") != "new" {
		t.Errorf("over an address of its own: %+v, kept %v", other.Match, other.Kept)
	}
	for _, damaged := range []string{"", "{", "null", "[]", `"x"`, `{"env":7}`} {
		v := Read(address)
		v.Recall(damaged)
		v.RecallKept(damaged)
		if !reflect.DeepEqual(v, Read(address)) {
			t.Errorf("%q was kept: recalled %+v", damaged, v)
		}
	}
}

func TestKey(t *testing.T) {
	for _, code := range []string{"lusab-babad-babop", "LUSAB babad.babop ", "lusabbabadbabop"} {
		if got := Key(code); got != "lusabbabadbabop" {
			t.Errorf("%q has the key %q", code, got)
		}
	}
}

// No address may break a page, and what is read of one is read of the one that is written for it.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"?room=CODE)&fbclid=x", "?%zz&;=&amp;host", "?env-opt=a=1+b=2&set=\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		v := Read(query)
		if again := Read(Address(v.Room)); again.Room != v.Room && strings.ToValidUTF8(v.Room, "") == v.Room {
			t.Errorf("room %q becomes %q", v.Room, again.Room)
		}
		var w Visit
		w.Recall(v.Text())
		w.RecallKept("null")
	})
}
