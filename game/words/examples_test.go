package words

import (
	"slices"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// example is a sentence as it is made from values, and as people read it.
type example struct{ got, want string }

// both are the examples of what has a headline and a detail.
func both(headline, detail string) string { return headline + " | " + detail }

func delay(t *testing.T, value string) options.Delay {
	var cfg options.Config
	if err := cfg.Set("delay=" + value); err != nil {
		t.Fatal(err)
	}
	return cfg.Delay
}

// examples shows every text of the language that has values.
func examples(t *testing.T, l *Language) []example {
	const s = time.Second
	duel := func(e End) string { e.Seated = true; return both(l.End(e)) }
	held := func(h Held) string { return both(l.Waiting(Waiting{Held: &h})) }
	change := func(old, now protocol.RosterEntry, rule options.Disconnect) string {
		return l.Change(&old, &now, false, rule)
	}
	ada := protocol.RosterEntry{Name: "Ada", Taken: true, Ready: true}
	adaGone, adasBot, grace := ada, ada, ada
	adaGone.Ready, adasBot.Bot, grace.Name = false, true, "Grace"
	return append([]example{
		{l.List(nil), ""},
		{l.List([]string{"Ada"}), "Ada"},
		{l.List([]string{"Ada", "Grace", "Eve"}), "Ada, Grace and Eve"},

		{l.RelayLostBy("no route"), "The connection to the relay is lost (no route). Check the relay, then join again."},
		{l.RelayClosed(protocol.CodeConnectLimit), "The relay closed the connection (connection_limit)."},
		{l.RelayRefused("only binary"), "The relay refused a message of this program (only binary): another program may be in between, or one of the two is faulty."},
		{l.CutOff(CutOff{}), "Trying to reach the relay again. Your seat is kept for a while."},
		{l.CutOff(CutOff{Watching: true}), "Trying to reach the relay again. You go on watching when the connection is back."},
		{l.CutOff(CutOff{InProgram: true}), l.ReconnectingHost},
		{l.CutOff(CutOff{Restarting: "It will be back.", InProgram: true}), "It will be back. Your seat is kept for a while."},
		{l.NoRelay("example.org/ws", 502), "The server of this page answers, but the relay behind it does not (HTTP 502). Try again in a minute, or tell whoever runs it."},
		{l.NoRelay("example.org/ws", 404), "The server of this page answers, but no relay answers at example.org/ws (HTTP 404). Whoever runs it has to lead that address to the relay."},
		{l.NoRelay("example.org/ws", 0), ""},

		{l.Warning(session.Warning{Why: session.LinkOverStrict, Need: 5, Room: 3, Late: 1}), "Your inputs begin to come too late: this link needs an input delay of 5 frames (166 ms), the room plays with exactly 3."},
		{l.Warning(session.Warning{Why: session.LinkOverFixed, Need: 1, Room: 0}), "Your inputs take longer than the room's input delay (0): this link needs an input delay of 1 frame (33 ms)."},
		{l.Warning(session.Warning{Why: session.LinkOverMost, Need: 9, Room: 6, Late: 50, Of: 150}), "33 % of your inputs come too late: this link needs an input delay of 9 frames (300 ms), the room allows at most 6."},
		{l.Warning(session.Warning{Why: session.LinkUneven, Late: 1}), "One of your inputs came too late: the link delays them unevenly."},
		{l.Warning(session.Warning{Why: session.BusyLate, Late: 2, Busy: 40 * time.Millisecond}), "Your inputs begin to come too late: this computer is too busy, not the link; this program runs up to 40 ms later than it should. Close other programs."},
		{l.Warning(session.Warning{Why: session.BusySlow, Of: 150, Busy: 40 * time.Millisecond}), "Your inputs take longer than they need to: this computer is too busy, not the link; this program runs up to 40 ms later than it should. Close other programs."},

		{duel(End{Code: protocol.CodeLeft, Text: "Ada left."}), "A player left | Ada left."},
		{duel(End{Code: protocol.CodeLeft, Own: true}), "You left | "},
		{duel(End{Code: protocol.CodeGone, Text: "Ada did not come back."}), "A player has disconnected | Ada did not come back."},
		{duel(End{Code: protocol.CodeGone, Own: true, Text: "Lost."}), "Disconnected | Lost."},
		{duel(End{Code: protocol.CodeSilent, Text: "Lost.", InProgram: true}), "Disconnected | Lost. " + l.GoneWithHost},
		{both(l.End(End{Code: protocol.CodeSilent, Text: "Lost."})), "Could not connect | Lost."},
		{duel(End{Code: protocol.CodeShutdown, Text: "Bye."}), "The relay is shutting down | Bye."},
		{duel(End{Code: protocol.CodeShutdown, Text: "Bye.", InProgram: true}), "The host has quit | " + l.GoneWithHost},
		{duel(End{Code: protocol.CodeVersion, Text: "Update."}), "The versions do not match | Update."},
		{duel(End{Code: protocol.CodeVersion, Text: "Update.", Outdated: "Reload.", InProgram: true}), "The versions do not match | Reload."},
		{duel(End{Code: protocol.CodeTakenOver}), "Joined from another window | "},
		{duel(End{Code: protocol.CodeBusy}), "The relay is busy | "},
		{duel(End{Code: protocol.CodeRoomOver}), "The room is closed | "},
		{duel(End{Code: protocol.CodeDesync}), "The games differ | "},
		{duel(End{Code: protocol.CodeNoRoom}), "Could not join | "},
		{duel(End{Code: protocol.CodeNoRoom, Watching: true}), "Could not watch | "},
		{duel(End{Code: protocol.CodeInternal, Played: true, Watching: true}), "The match has ended | "},

		{l.PadKeys("Pad X"), "Pad X: the stick or the cross, and the buttons on the right"},
		{l.Shares("A and D", "the arrows"), "First player: A and D · second player: the arrows"},
		{l.Players(1, true, false, nil), "One player"},
		{l.Players(2, true, false, nil), "2 players, together"},
		{l.Players(3, false, false, nil), "3 players, against each other"},
		{l.Players(4, false, true, []string{"left side", "right side"}), "4 players in teams: left side against right side"},

		{l.PausedFor("Ada is gone.", 0), "Ada is gone."},
		{l.PausedFor("Ada is gone.", 900*time.Millisecond), "Ada is gone. 1 s is left."},
		{l.PausedFor("Ada is gone.", 9100*time.Millisecond), "Ada is gone. 10 s are left."},
		{l.Absence(false, 12*s), "You were away for 12 s. The match went on; your seat did nothing."},
		{l.Absence(true, 12*s), "This device stood still for 12 s. The match went on."},
		{l.YouPlay("left"), "You play left"},

		{l.Result(Outcome{}), "The match is over"},
		{l.Result(Outcome{Kind: ScoredTogether, Points: 60}), "Together you scored 60"},
		{l.Result(Outcome{Kind: ScoredAlone, Points: 7}), "Score 7"},
		{l.Result(Outcome{Kind: NobodyWins}), "A draw"},
		{l.Result(Outcome{Kind: YouWin}), "You won"},
		{l.Result(Outcome{Kind: YourSideWins}), "Your side won"},
		{l.Result(Outcome{Kind: PlayerWins, Who: "Ada {n}"}), "Ada {n} won"},
		{l.Result(Outcome{Kind: TeamWins, Who: "left side"}), "The left side won"},
		{l.Episode(Outcome{}), "Next episode"},
		{l.Episode(Outcome{Kind: PlayerWins, Who: "Ada", Points: 1}), "Point to Ada"},
		{l.Episode(Outcome{Kind: TeamWins, Who: "left side", Points: 5}), "Episode to the left side"},
		{l.Episode(Outcome{Kind: ScoredTogether, Points: 20}), "Episode score 20"},
		{l.Episode(Outcome{Kind: NobodyWins}), "No point"},

		{both(l.Waiting(Waiting{Missing: 1, Room: "kelp"})), "Waiting for one more player | Tell your friend the room code: kelp"},
		{both(l.Waiting(Waiting{Missing: 2, Invite: "Come.", Told: "Nobody came."})), "Waiting for 2 more players | Nobody came."},
		{both(l.Waiting(Waiting{Missing: 2, Invite: "Come."})), "Waiting for 2 more players | Come."},
		{both(l.Waiting(Waiting{Full: true, Unready: true})), "Waiting for the others to be ready | "},
		{both(l.Waiting(Waiting{Full: true, Watching: true})), "Getting ready | " + l.WatchingBefore},
		{held(Held{Self: true, Here: []string{"Ada"}, Left: 119 * s}), "Ada is here: come back to begin | The match begins without you in 2 minutes."},
		{held(Held{Self: true, Here: []string{"Ada", "Eve"}, Left: 61 * s}), "Ada and Eve are here: come back to begin | The match begins without you in 70 s."},
		{held(Held{Left: -s}), "Come back to begin | The match begins without you in 10 s."},
		{held(Held{Away: []string{"Ada"}, Left: 30 * s}), "Waiting for Ada to come back | Ada has another window in front. The match begins without them in 30 s."},
		{held(Held{Away: []string{"Ada", "Eve"}, Left: 30 * s}), "Waiting for Ada and Eve to come back | Ada and Eve have another window in front. The match begins without them in 30 s."},
		{l.StartsWithout(nil), ""},
		{l.StartsWithout([]string{"Ada"}), "Ada has another window in front: the match begins without them."},

		{l.Again(Again{Here: 2, Seats: 2}), ""},
		{l.Again(Again{Here: 2, Seats: 2, Watching: true, Left: 20 * s}), "Stay to watch the next match. The room waits for 20 s."},
		{l.Again(Again{Here: 1, Seats: 2}), "A player has left."},
		{l.Again(Again{Here: 1, Seats: 2, Asked: true, Room: "kelp", Left: s}), "A player has left. Whoever joins with the code kelp plays the next match. The room waits for 1 s."},
		{l.Again(Again{Here: 2, Seats: 2, Asked: true, Want: []string{"Ada"}}), "Everybody wants another match."},
		{l.Again(Again{Here: 3, Seats: 3, Asked: true, Want: []string{"Ada"}, Left: s}), "You and Ada want another match. The room waits for 1 s."},
		{l.Again(Again{Here: 2, Seats: 2, Asked: true, Left: s}), "You want another match; the others have not answered yet. The room waits for 1 s."},
		{l.Again(Again{Here: 2, Seats: 2, Want: []string{"Ada"}, Left: s}), "Ada wants another match. The room waits for 1 s."},
		{l.Again(Again{Here: 3, Seats: 3, Want: []string{"Ada", "Eve"}, Left: s}), "Ada and Eve want another match. The room waits for 1 s."},
		{l.Again(Again{Held: &Held{Left: s}}), "Come back to begin. The match begins without you in 10 s."},
		{l.Watchers(0, nil), ""},
		{l.Watchers(1, nil), "One person watches"},
		{l.Watchers(2, []string{"", ""}), "2 people watch"},
		{l.Watchers(1, []string{"Ada"}), "Ada watches"},
		{l.Watchers(2, []string{"Ada", ""}), "Ada and one more watch"},
		{l.Watchers(4, []string{"Ada", "Eve"}), "Ada, Eve and 2 more watch"},

		{l.Change(&ada, &protocol.RosterEntry{Host: true}, true, 0), "You are the host now."},
		{l.Change(&ada, &adaGone, true, 0), ""},
		{change(ada, adasBot, 0), "A bot plays for Ada until they are back."},
		{change(adasBot, ada, 0), "Ada is back."},
		{change(protocol.RosterEntry{}, ada, 0), "Ada joins the match."},
		{change(ada, grace, 0), "Grace takes the seat of Ada."},
		{change(ada, adaGone, options.DisconnectPause), ""},
		{change(ada, adaGone, options.DisconnectBot), "Ada has disconnected; a bot is on its way."},
		{change(ada, adaGone, options.DisconnectSubstitute), "Ada has disconnected; the match goes on without them."},
		{change(adaGone, ada, options.DisconnectSubstitute), "Ada is back."},
		{l.BotName("ace"), "ace (bot)"},
		{l.OtherBot("ace", "cook"), "The bot ace does not play this game; cook takes part."},
		{l.Player(0), "Player 1"},
		{l.Invite("https://example.org/?room=kelp", "", "kelp"), "Friends open this link:\nhttps://example.org/?room=kelp"},
		{l.Invite("", "10.0.0.1:7777", "kelp"), "Friends choose “Join a game”, with the relay 10.0.0.1:7777 and this code, or run\ntandem -relay 10.0.0.1:7777 -room kelp"},
		{l.RoomOpen("kelp"), "Room kelp is open. Friends on your network join with:"},

		{l.Delay(delay(t, "auto")), "automatic"},
		{l.Delay(delay(t, "auto:1-12")), "automatic, 1 to 12 frames"},
		{l.Delay(delay(t, "0")), "0 frames: the least that the links allow"},
		{l.Delay(delay(t, "1")), "1 frame (33 ms)"},
		{l.Delay(delay(t, "5")), "5 frames (167 ms)"},
		{l.Delay(delay(t, "strict:5")), "exactly 5 frames (167 ms)"},
		{l.RoomsDelay("automatic"), "Room's input delay: automatic"},
		{l.DelayNow(delay(t, "3")), "Input delay is now 3 frames (100 ms)"},
		{l.DelayMost(), "The input delay is 30 frames: it cannot be longer."},
		{l.DelayIsHosts(""), "Only the host can change the input delay."},
		{l.DelayIsHosts("Ada"), "Only the host can change the input delay: ask Ada."},

		{l.TogetherScore(12), "Together 12"},
		{l.TimeLeft(999), "Time left 99.9 s"},
		{l.EpisodeOf(2, 5), "Episode 2 of 5"},
		{l.LateInputs(1), "1 late input"},
		{l.LateInputs(2), "2 late inputs"},
		{l.Desyncs(1), "1 desync"},
		{l.Desyncs(0), "0 desyncs"},
		{l.Frames(30), "30 frames"},
		{l.FrameNumber(712), "Frame 712"},
		{l.Equal(24), "24 equal"},
		{l.Differ(2), "2 differ"},
		{l.Updates(60), "60 updates"},
		{l.Transport("quic"), "datagrams"},
		{l.Transport("websocket"), "WebSocket"},
		{l.Transport(""), "–"},
	}, reportExamples(l)...)
}

func reportExamples(l *Language) []example {
	return []example{
		{l.NotEnded("Ada left."), "the match did not come to its end: Ada left"},
		{l.Broke(1), "the connection broke once"},
		{l.Broke(2), "the connection broke 2 times"},
		{l.PutBack(1), "the match was put back once: what had been played last here did not reach the others"},
		{l.StatesDiffered(1, 30), "the states differed in 1 of 30 comparisons"},
		{l.ActionsMissing(3, 90), "3 of the other players' 90 actions were not there when they were due"},
		{l.Repaired(2), "a state was repaired 2 times"},
		{l.NotCounted(9, 900), "9 of 900 (1.0 %) of the own inputs did not count"},
		{l.NotCountedRun(12), "12 own inputs in a row did not count"},
		{l.OthersNotCounted(9, 900), "9 of 900 (1.0 %) of the other players' inputs did not count"},
		{l.DelayKnown(450, 900), "the delay of 450 of 900 (50.0 %) of the own inputs is known"},
		{l.HalfTook(151.4), "half of the own inputs took more than 151 ms"},
		{l.HundredthTook(251), "one in a hundred own inputs took more than 251 ms"},
		{l.OthersTook(151), "half of the other players' inputs took more than 151 ms until they were seen here"},
		{l.Exceeded(9, 900, "3"), "9 of 900 (1.0 %) of the own inputs took longer than the room's fixed delay (3)"},
		{l.Stalls(2, 640), "the picture stood still 2 times, for 640 ms in all"},
		{l.LongestStall(600), "the picture stood still for 600 ms at once"},
		{l.SlowSteps(24.52), "24.5 frames a second were played instead of 30"},
		{l.Uneven(70), "one in a hundred frames came 70 ms after the one before"},
		{l.ProgramStill(1), "this program stood still once: the computer slept, or its window or page was hidden"},
		{l.BusyTimes(3), "this computer was too busy 3 times"},
		{l.InputsCounted(900, 900, 99), "900 of 900 (100.0 %) of the own inputs counted, 99 ms after they were given (median)"},
		{l.StoodStillFor(0), "the picture stood still for 0 ms"},
		{l.Compared(30), "30 comparisons of the states found no difference"},
		{l.InputsReplaced(60, 900), "60 of the 900 own inputs came too late and were replaced"},
		{l.StatesSent(1), "one full state had to make the games equal again"},
		{l.StatesRefused(2), "2 full states could not be used"},
		{l.SetDelay(6), "Set the input delay to 6 frames (-delay 6), or to automatic (-delay auto)."},
		{l.StrictTooShort(1), "Set the input delay to automatic (-delay auto): exactly 1 frame is too few for this link."},
		{l.LetBeLonger(4), "Let the input delay be longer than 4 frames (-delay auto)."},
		{l.SetShorter(3, 9), "Set the input delay to automatic (-delay auto), or to 3 frames: 9 are more than this link needs."},
		{l.SetLonger(6), "Set a longer input delay: -delay 6."},

		{l.Seat(-1, ""), "spectator"},
		{l.Seat(0, "agent_left"), "seat 0, agent_left"},
		{l.ReportOf("slime", "kelp"), "Tandem match report: slime, room kelp"},
		{l.WithOriginal("seat 0"), "seat 0 played with programs of the original system: only that the states meet again after a resync is promised, and its hash does not see the state."},
		{l.Defect("seat 0", "it is deaf"), "seat 0 met a defect of the original: it is deaf."},
		{l.Sameness(Sameness{}), "No frame was played."},
		{l.Sameness(Sameness{Frames: 900, Seconds: "30", Differ: 2, Of: 30, Hashes: 2}), "The states were NOT the same at all times: 2 of 30 comparisons in 900 frames (30 s) found a difference, and there are 2 different final states."},
		{l.Sameness(Sameness{Frames: 900, Seconds: "30"}), "900 frames (30 s) were played, and the states were never compared."},
		{l.Sameness(Sameness{Frames: 900, Seconds: "30", Of: 30}), "900 frames (30 s) were played, and 30 comparisons of the states found no difference; the match did not come to its end."},
		{l.Sameness(Sameness{Frames: 900, Seconds: "30", Of: 30, Hashes: 1, Seats: 1, Hash: "beef"}), "900 frames (30 s) were played, and 30 comparisons with the other players' states found no difference. The final state is beef."},
		{l.Sameness(Sameness{Frames: 900, Seconds: "30", Of: 30, Hashes: 1, Seats: 2, Hash: "beef"}), "All states were the same: 30 comparisons in 900 frames (30 s) found no difference, and every final state here is beef."},
		{l.Recommended("Rest."), "Recommended: Rest."},
		{l.MeasuredAt("wss://r", "linux/arm64", 18446744073709551615), "Relay: wss://r. Machine: linux/arm64. Seed: 18446744073709551615."},
		{l.InputsOf(890, 900), "n 890 of 900 inputs"},
		{l.HowEnded("Ada left."), "The match ended: Ada left."},
		{l.DesyncsSeen(1), "1 desync was seen; the report names them"},
		{l.DesyncsSeen(2), "2 desyncs were seen; the report names them"},
		{l.Holds("stalls>0", "2"), "stalls>0: it is 2"},
		{l.Holds("stalls>0", ""), "stalls>0: that was not measured"},
		{l.Desync(Desync{Frame: 90, Differing: []int{0, 1}, Seats: 2}), "After frame 90 the players' states are not the same, and no state has a majority."},
		{l.Desync(Desync{Frame: 90, Differing: []int{1}, Seats: 3, Judge: "majority", Sections: []string{"ball"}}), "After frame 90 the players' states are not the same: that of seat 1 differs from the others'. Judged by majority. What differs: ball."},
		{l.Desync(Desync{Frame: 90, Differing: []int{1, 2}, Seats: 4}), "After frame 90 the players' states are not the same: those of the seats 1 2 differ from the others'."},
	}
}

func TestExamples(t *testing.T) {
	for _, e := range append(examples(t, English), ruleExamples(t, English)...) {
		if e.got != e.want {
			t.Errorf("%q,\n\twant %q", e.got, e.want)
		}
	}
}

// ruleExamples are those of a room's options.
func ruleExamples(t *testing.T, l *Language) (list []example) {
	room := func(set ...string) *options.Config {
		cfg := options.DefaultConfig()
		cfg.Players = 4
		for _, s := range set {
			if err := cfg.Set(s); err != nil {
				t.Fatal(err)
			}
		}
		return &cfg
	}
	for want, r := range map[string]Rules{
		"One match of 30 s":            {Config: room("frames=900")},
		"One episode of at most 100 s": {Config: room(), Episodes: 1, MaxSteps: 3000},
		"5 episodes":                   {Config: room(), Episodes: 5},
		"5 episodes of at most 100 s":  {Config: room(), Episodes: 5, MaxSteps: 3000},
		"Max lives: 3":                 {Config: room(), Options: []Option{{"max_lives", 3}}},
		"It begins with 2 of 4 players; others join in mid-match":                   {Config: room("min_players=2")},
		"Input delay 3 frames (100 ms)":                                             {Config: room("delay=3")},
		"A late input is waited for, up to 60 ms":                                   {Config: room("late_policy=wait", "grace_ms=60")},
		"Every frame waits for everybody's input":                                   {Config: room("late_policy=hold")},
		"A missing input counts as none":                                            {Config: room("action_population_method=default_action")},
		"A missing input is guessed":                                                {Config: room("action_population_method=predicted")},
		"If a connection breaks, the match waits for 7 s":                           {Config: room("on_disconnect=pause", "pause_ms=7000")},
		"If a connection breaks, the match ends":                                    {Config: room("on_disconnect=end")},
		"If a connection breaks, the others play on":                                {Config: room("on_disconnect=substitute")},
		"If a connection breaks, a bot plays on for that player":                    {Config: room("on_disconnect=bot")},
		"The relay plays along, and its state holds":                                {Config: room("authority=witness")},
		"Nobody may watch":                                                          {Config: room("spectators=0")},
		"The start waits at most 60 s for a player who has another window in front": {Config: room("away_wait_ms=60000")},
		"The room closes after the match":                                           {Config: room("rematch_ms=0")},
	} {
		got := l.Rules(r)
		if i := slices.Index(got, want); i >= 0 {
			list = append(list, example{got[i], want})
		} else {
			t.Errorf("%q says nothing like %q", got, want)
		}
	}
	return list
}
