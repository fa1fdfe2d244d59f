package scene

import (
	"slices"
	"strings"

	"tandem/env"
	"tandem/game/client"
	"tandem/game/words"
)

// Action is what the player chose to do.
type Action uint8

const (
	PlayBot Action = iota // alone against a bot
	Host                  // open a room for friends
	Join                  // enter a room
	Watch                 // enter a room without a seat
)

// Choice is the answer of the menu, and what its fields begin with.
type Choice struct {
	Action Action
	Name   string // what the player calls themselves
	Env    string // PlayBot, Host: registry name of the environment
	Bot    string // PlayBot: registered name of the opponent
	Relay  string // Host, Join, Watch: address as typed; "" for Host means a relay of one's own
	Room   string // Join, Watch: the room's code as typed, without spaces around it
}

// Relay is one on the local network.
type Relay struct {
	Name    string // what people call it
	Address string // as one would type it
}

// What can be typed besides names, which client has the rule for: a relay's address, a room's code.
var (
	anAddress = upTo(200)
	aCode     = upTo(40)
)

// The menu's controls.
const (
	idName = iota + 1
	idBot
	idHost
	idJoin
	idQuit
	idEnv
	idOpponent
	idRelay
	idRoom
	idNear
	idGo
	idBack
	idWatch
)

type page uint8

const (
	pageMain page = iota
	pageBot
	pageHost
	pageJoin
)

// menu is the screen shown when there is no match. It knows nothing of the window.
type menu struct {
	l      *words.Language
	choice Choice
	envs   []string // registry names, in the order of the choice
	titles []string
	page   page
	form   form
	quits  bool // there is a way out: not in a browser
	home   bool // no relay is asked for

	nearby func() []Relay // may be nil
	near   []Relay        // what it answered last
	look   int            // updates until it is asked again
}

// lookEvery is how many updates pass between questions about the local network: half a second.
const lookEvery = 30

func newMenu(l *words.Language, defaults Choice, quits bool) *menu {
	m := &menu{l: l, choice: defaults, quits: quits}
	for _, name := range env.Offered() {
		title := name
		if r, err := env.Lookup(name); err == nil && r.Title != "" {
			title = r.Title
		}
		m.envs, m.titles = append(m.envs, name), append(m.titles, title)
	}
	if !slices.Contains(m.envs, m.choice.Env) && len(m.envs) > 0 {
		m.choice.Env = m.envs[0]
	}
	m.show(pageMain, "")
	return m
}

// show turns to a page. note says what went wrong, or is empty.
func (m *menu) show(p page, note string) {
	m.page = p
	m.form = form{note: note, back: idBack}
	c, l := &m.choice, m.l
	add := func(items ...item) { m.form.items = append(m.form.items, items...) }
	games := item{kind: choice, id: idEnv, label: l.Game, options: m.titles, at: max(slices.Index(m.envs, c.Env), 0)}
	back := item{id: idBack, label: l.Back}
	who := newField(idName, l.YourName, c.Name, l.NameHint, client.NameFits)
	with := func() { // who plays with others has a name
		if c.Name == "" {
			add(who)
		}
	}
	switch p {
	case pageMain:
		m.form.title, m.form.lead = "Tandem", l.Tagline
		m.form.back = none
		add(who, item{id: idBot, label: l.PlayBot},
			item{id: idHost, label: l.HostGame},
			item{id: idJoin, label: l.JoinGame})
		if m.quits {
			add(item{id: idQuit, label: l.Quit})
		}
		m.form.focus = 1
		if c.Name == "" {
			m.form.focus = 0
		}
	case pageBot:
		m.form.title, m.form.lead = l.PlayBot, l.PlayBotLead
		add(games, m.opponents(), item{id: idGo, label: l.Play}, back)
		m.form.focus = 2 // what is set is what was played last, or the first: Enter plays
	case pageHost:
		m.form.title, m.form.lead = l.HostTitle, l.HostLead
		with()
		add(games)
		if !m.home {
			add(newField(idRelay, l.Relay, c.Relay, l.RelayOwnHint, anAddress))
		}
		add(item{id: idGo, label: l.OpenRoom}, back)
		m.form.focus = m.form.empty(idName, idGo)
	case pageJoin:
		m.form.title, m.form.lead = l.JoinGame, l.JoinLead
		with()
		switch {
		case m.home:
			m.form.lead = l.JoinLeadHome
		case m.nearby != nil:
			m.form.lead = l.JoinLeadNear
			add(m.neighbours())
		}
		if !m.home {
			add(newField(idRelay, l.Relay, c.Relay, l.RelayHint, anAddress))
		}
		add(newField(idRoom, l.RoomCode, c.Room, l.RoomHint, aCode),
			item{id: idGo, label: l.Join}, item{id: idWatch, label: l.WatchMatch}, back)
		m.form.focus = m.form.empty(idName, idRelay, idRoom, idGo)
	}
}

// neighbours returns the choice among the relays on the local network. An address that was typed
// is none of them.
func (m *menu) neighbours() item {
	it := item{kind: choice, id: idNear, label: m.l.OnThisNetwork, options: []string{m.l.NoneFound}}
	if len(m.near) > 0 {
		it.options = []string{m.l.OtherAddress}
	}
	for i, r := range m.near {
		it.options = append(it.options, r.Name+dot+r.Address)
		if r.Address == m.choice.Relay {
			it.at = i + 1
		}
	}
	return it
}

// lookAround brings the list of relays on the local network up to date. The first one found is
// taken for the address, unless there is one.
func (m *menu) lookAround() {
	if m.page != pageJoin || m.nearby == nil {
		m.look = 0
		return
	}
	if m.look--; m.look > 0 {
		return
	}
	m.look = lookEvery
	near := m.nearby()
	if slices.Equal(near, m.near) {
		return
	}
	m.near = near
	if m.choice.Relay == "" && len(near) > 0 {
		m.setRelay(near[0].Address)
		if m.form.items[m.form.focus].id == idRelay {
			m.form.focus = m.form.index(idRoom)
		}
	}
	m.keepBox(m.neighbours())
}

// setRelay writes an address into its field.
func (m *menu) setRelay(address string) {
	m.choice.Relay = address
	it := m.form.get(idRelay)
	r := []rune(address)
	it.text, it.caret = r, len(r)
}

// keepBox replaces a control by one with the same id.
func (m *menu) keepBox(it item) {
	old := m.form.get(it.id)
	it.box = old.box
	*old = it
}

// opponents returns the choice among the bots of the chosen environment.
func (m *menu) opponents() item {
	names := env.BotNames(m.choice.Env)
	it := item{kind: choice, id: idOpponent, label: m.l.Opponent, options: names}
	if len(names) == 0 {
		it.options = []string{m.l.NoOpponent}
	}
	it.at = max(slices.Index(names, m.choice.Bot), 0)
	return it
}

// menuResult is what an update of the menu leads to.
type menuResult uint8

const (
	menuStays menuResult = iota
	menuChose            // m.choice is complete
	menuQuits
)

func (m *menu) update(ev *events) menuResult {
	m.lookAround()
	lists, at := m.page == pageJoin && m.nearby != nil, 0
	if lists {
		at = m.form.get(idNear).at
	}
	id := m.form.update(ev)
	if lists {
		switch now := m.form.get(idNear).at; {
		case now == at:
		case now > 0:
			m.setRelay(m.near[now-1].Address)
		default:
			m.setRelay("")
		}
	}
	m.collect()
	if lists {
		m.keepBox(m.neighbours()) // an address that is typed chooses, too
	}
	switch id {
	case idBot:
		m.show(pageBot, "")
	case idHost:
		m.show(pageHost, "")
	case idJoin:
		m.show(pageJoin, "")
	case idBack:
		m.show(pageMain, "")
	case idQuit:
		return menuQuits
	case idGo, idWatch:
		if id == idWatch {
			m.choice.Action = Watch
		}
		note, at := m.missing()
		if m.form.note = note; note == "" {
			return menuChose
		}
		m.form.focus = m.form.empty(at, id)
	}
	return menuStays
}

// collect takes the controls' values over into the choice.
func (m *menu) collect() {
	for i := range m.form.items {
		it := &m.form.items[i]
		switch it.id {
		case idName:
			m.choice.Name = strings.TrimSpace(it.value())
		case idRelay:
			m.choice.Relay = strings.TrimSpace(it.value())
		case idRoom:
			m.choice.Room = strings.TrimSpace(it.value())
		case idEnv:
			if it.at < len(m.envs) && m.choice.Env != m.envs[it.at] {
				m.choice.Env = m.envs[it.at]
				if m.page == pageBot { // another game has other bots
					*m.form.get(idOpponent) = m.opponents()
				}
			}
		case idOpponent:
			m.choice.Bot = ""
			if names := env.BotNames(m.choice.Env); it.at < len(names) {
				m.choice.Bot = names[it.at]
			}
		}
	}
	m.choice.Action = [...]Action{pageMain: PlayBot, pageBot: PlayBot, pageHost: Host, pageJoin: Join}[m.page]
}

// missing says what the choice still lacks, in words, or nothing, and the control that it belongs to.
func (m *menu) missing() (note string, id int) {
	c := &m.choice
	switch {
	case c.Action != Join && c.Action != Watch && c.Env == "":
		return m.l.GameMissing, idEnv
	case c.Action == PlayBot && c.Bot == "":
		return m.l.BotMissing, idOpponent
	case (c.Action == Host || c.Action == Join) && c.Name == "":
		return m.l.NameMissing, idName
	case c.Action >= Join && c.Relay == "" && !m.home:
		return m.l.RelayMissing, idRelay
	case c.Action >= Join && c.Room == "":
		return m.l.RoomMissing, idRoom
	}
	return "", none
}
