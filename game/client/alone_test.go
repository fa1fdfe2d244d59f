package client_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/env"
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/game/solo"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// fingers press something else in each frame, the same in every match of a seed.
type fingers struct {
	rng *rand.Rand
	n   int // samples so far
}

func (f *fingers) Sample() int {
	f.n++
	return f.rng.IntN(6)
}

// dawdler is the ace on a computer that is busy with something else: it takes up to two frames to decide.
type dawdler struct{ env.Bot }

func init() {
	env.RegisterBot(env.BotRegistration{Name: "dawdler", Envs: []string{"slime"}, New: func() env.Bot {
		b, err := env.NewBot("ace", "slime")
		if err != nil {
			panic(err) // it is imported by this package's tests
		}
		return dawdler{b}
	}})
}

func (d dawdler) Act(e env.Env, agent int, frame uint32) int {
	time.Sleep(time.Duration(frame*7919%61) * time.Millisecond)
	return d.Bot.Act(e, agent, frame)
}

// alone is the config of somebody who plays alone against a bot.
func alone(t *testing.T, envName, bot string, f *fingers, words ...string) client.Config {
	t.Helper()
	room, err := options.ParseConfig(roomWords(t, envName, words))
	if err != nil {
		t.Fatal(err)
	}
	room.Seed = 77
	f.rng = rand.New(rand.NewPCG(5, 5))
	return client.Config{Screen: true, Peer: session.PeerConfig{Program: "test"},
		Alone: &solo.Config{Room: room, Name: "Ada", Bot: bot},
		Input: func(*sim.Match, int) (session.Sampler, error) { return f, nil }}
}

// ofOthers are words that mean nothing to who plays alone.
var ofOthers = regexp.MustCompile(`(?i)relay|\blink|connect|\broom|other|friend|away|\bcode\b|cable|host`)

// wantAlone checks what the screen says at this moment.
func wantAlone(t *testing.T, c *client.Client) *client.View {
	t.Helper()
	var v client.View
	c.View(time.Now(), &v)
	if words := strings.Join([]string{v.Headline, v.Detail, v.Notice, v.Warning, v.Watchers, v.Delay, v.Room}, " "); ofOthers.MatchString(words) {
		t.Errorf("%v: it says %q", v.Phase, words)
	}
	if !v.Alone || v.Phase == client.Connecting || v.Phase == client.Waiting || v.Phase == client.Closed || v.Spec == nil || len(v.Cur.Items) == 0 {
		t.Errorf("alone %v, %v, %d items", v.Alone, v.Phase, len(v.Cur.Items))
	}
	return &v
}

// Alone a match is there at the first look; every input counts in the frame in which it is sampled, also where
// this computer is slow; the recording is whole, and the result stays.
func TestAlone(t *testing.T) {
	for _, bot := range []string{"ace", "dawdler"} {
		synctest.Test(t, func(t *testing.T) {
			f := &fingers{}
			cfg := alone(t, "slime", bot, f, "--", "frames=300")
			var d tape
			cfg.Record = d.open
			c := client.New(cfg)
			if v := wantAlone(t, c); v.Phase != client.Countdown || v.Starting != 3*time.Second || v.Players[0].Name != "Ada" || !v.Players[0].You || v.Players[1].Name != bot+" bot" {
				t.Errorf("at first: %v, %v until the start, %+v", v.Phase, v.Starting, v.Players)
			}
			end := run(t, c)
			for range 60 {
				time.Sleep(300 * time.Millisecond)
				wantAlone(t, c)
			}
			time.Sleep(1000 * time.Hour)
			if v := wantAlone(t, c); v.Phase != client.Finished || v.Again < time.Hour || v.Detail != "" || v.Headline == "" {
				t.Errorf("the result is %v, %q, %q, for %v", v.Phase, v.Headline, v.Detail, v.Again)
			}
			c.Leave()
			if e := <-end; e.code(t) != protocol.CodeOK {
				t.Errorf("ended with %+v", e)
			}
			r := c.Report()
			if r.Frames != 300 || r.Executed != 300 || f.n != 300 || r.Substituted+r.Absent+r.OthersLost+r.Exceeded != 0 || r.OthersInputs != 300 ||
				r.InputDelay.N != 300 || r.InputDelay.P99 > 1 || !r.Alone || r.FinalHash == "" || r.Bytes.In+r.Bytes.Out != 0 {
				t.Errorf("%d samples, report %+v", f.n, r)
			}
			if words := r.Verdict.String(); ofOthers.MatchString(words) || bot == "ace" && r.Verdict.Level != client.Green {
				t.Errorf("the verdict is %s", words)
			}
			p := d.replay(t)
			if k := p.Check; k.Frames != 300 || k.Different+k.Unknown != 0 || k.Compared < 10 || p.Header.Seats[1].Name != bot+" bot" {
				t.Errorf("the recording: %+v of %+v", k, p.Header)
			}
		})
	}
}

// run lets a client play in the background.
func run(t *testing.T, c *client.Client) <-chan result {
	end := make(chan result, 1)
	go func() {
		e, err := c.Run(t.Context())
		end <- result{e, err}
	}()
	return end
}

// A match with pauses is the same match: nothing happens in them, whoever begins them.
func TestPausesChangeNothing(t *testing.T) {
	var want string
	for n := range 4 {
		synctest.Test(t, func(t *testing.T) {
			var f fingers
			c := client.New(alone(t, "overcooked/cramped_room", "cook", &f, "--", "frames=400"))
			end := run(t, c)
			rng := rand.New(rand.NewPCG(uint64(n), 3))
			pauses := 0
			for v := wantAlone(t, c); v.Phase != client.Finished; v = wantAlone(t, c) {
				time.Sleep(time.Duration(rng.Int64N(int64(time.Second))))
				if n == 0 || wantAlone(t, c).Phase == client.Finished {
					continue
				}
				stop, goOn := func() { c.Pause(true) }, func() { c.Pause(false) }
				if n == 2 { // the page is hidden; seen again it stays paused until its player says so
					stop, goOn = func() { c.SetAway(true) }, func() { c.SetAway(false); time.Sleep(time.Minute); c.Pause(false) }
				}
				stop()
				time.Sleep(time.Second)
				before := wantAlone(t, c)
				time.Sleep(time.Duration(rng.Int64N(int64(time.Hour))))
				after := wantAlone(t, c)
				if before.Phase == client.Finished {
					continue
				}
				if before.Phase != client.Paused || after.Phase != client.Paused || before.Frame != after.Frame || after.Alpha != 1 {
					t.Fatalf("a pause: %v at frame %d, then %v at frame %d", before.Phase, before.Frame, after.Phase, after.Frame)
				}
				goOn()
				synctest.Wait()
				pauses++
			}
			r := c.Report()
			if r.Frames != 400 || r.Stalls.Count != 0 || r.Pauses != pauses || (n > 0) != (pauses > 5) {
				t.Errorf("%d pauses, report %+v", pauses, r)
			}
			if want == "" {
				want = r.FinalHash
			}
			if r.FinalHash != want {
				t.Errorf("with %d pauses the match ends in %s, without in %s", pauses, r.FinalHash, want)
			}
			c.Leave()
			<-end
		})
	}
}

// Again plays another match at once, also after a pause of the last one that nobody ended.
func TestAgainAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f fingers
		c := client.New(alone(t, "slime/doubles", "ace_easy", &f, "--", "frames=60", "countdown_ms=500"))
		end := run(t, c)
		hashes := map[string]bool{}
		for n := range 5 {
			until(t, c, "finished", func(v *client.View) bool { return v.Phase == client.Finished })
			hashes[c.Report().FinalHash] = true
			c.SetAway(true)
			time.Sleep(time.Hour)
			c.SetAway(false)
			c.Again()
			synctest.Wait()
			if v := wantAlone(t, c); v.Phase != client.Countdown || v.Frame != 0 {
				t.Fatalf("match %d: %v at frame %d", n+2, v.Phase, v.Frame)
			}
		}
		if len(hashes) != 5 {
			t.Errorf("5 matches end in %d states", len(hashes))
		}
		c.Leave()
		if e := <-end; e.code(t) != protocol.CodeLeft {
			t.Errorf("ended with %+v", e)
		}
	})
}

// Who leaves, closes the window or asks for a delay is answered in words that fit.
func TestAloneInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f fingers
		c := client.New(alone(t, "slime", "ace", &f))
		end := run(t, c)
		until(t, c, "playing", frame(10))
		c.StepDelay(1)
		if v := wantAlone(t, c); !strings.Contains(v.Notice, "at once") {
			t.Errorf("a longer delay: %q", v.Notice)
		}
		c.HangUp()
		if e := <-end; e.code(t) != protocol.CodeLeft || e.Frames < 10 {
			t.Errorf("ended with %+v", e)
		}
		var v client.View
		c.View(time.Now(), &v)
		if words := fmt.Sprint(v.Headline, " ", v.Detail); v.Phase != client.Closed || ofOthers.MatchString(words) {
			t.Errorf("%v: %q", v.Phase, words)
		}
		cfg := alone(t, "slime", "cook", &f) // which does not play it
		c = client.New(cfg)
		if e := <-run(t, c); e.code(t) != protocol.CodeEnvironment || !strings.Contains(e.Text, "cook") {
			t.Errorf("a bot of another game: %+v", e)
		}
	})
}
