//go:build !js

package browser

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/cmd/internal/app"
	"tandem/game/client"
)

// element is an expression for the element of a control, by its label.
func element(label string) string {
	return `[...document.querySelectorAll("#controls *")].find((e) => (e.getAttribute("aria-label") ?? e.textContent) === ` + quoted(label) + `)`
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// waitControl waits until a control is there.
func (p *tab) waitControl(label string) {
	p.t.Helper()
	p.waitFor("there is "+label, func() bool { return eval[bool](p, element(label)+` !== undefined`) })
}

// waitActive waits until a control has the focus.
func (p *tab) waitActive(label string) {
	p.t.Helper()
	p.waitFor(label+" has the focus", func() bool {
		return eval[bool](p, `document.activeElement === `+element(label))
	})
}

// middle is where a control is, in the page's pixels.
func (p *tab) middle(label string) (x, y float64) {
	p.t.Helper()
	p.waitControl(label)
	at := eval[[]float64](p, `(() => { const r = `+element(label)+`.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
	return at[0], at[1]
}

// tap touches a control.
func (p *tab) tap(label string) {
	p.t.Helper()
	x, y := p.middle(label)
	looks := p.animated()
	p.do(input.DispatchTouchEvent(input.TouchStart, []*input.TouchPoint{finger(1, x, y)}))
	p.do(input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))
	p.waitFor("it has seen the touch", func() bool { return p.animated() >= looks+3 })
}

// flick touches a control and lets it go, or has the system take the touch away, before the program can look.
func (p *tab) flick(label, end string) {
	p.t.Helper()
	x, y := p.middle(label)
	looks := p.animated()
	eval[bool](p, fmt.Sprintf(`(() => {
		const c = document.querySelector("canvas"), t = new Touch({ identifier: 7, target: c, clientX: %f, clientY: %f });
		const say = (type, list) => c.dispatchEvent(new TouchEvent(type, { bubbles: true, cancelable: true, touches: list, targetTouches: list, changedTouches: [t] }));
		say("touchstart", [t]);
		say("%s", []);
		return true;
	})()`, x, y, end))
	p.waitFor("it has seen the touch", func() bool { return p.animated() >= looks+6 })
}

// TestShortTouch touches for less than a frame, as on a device that draws slowly, and is understood; a touch
// that the system takes away does not stay down.
func TestShortTouch(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	p := newTab(t, chromium(t), "telephone")
	p.do(append(screen(390, 844, 1, true), chromedp.Navigate(h.at("")))...)
	p.menu()
	for _, end := range []string{"touchend", "touchcancel"} {
		p.flick("Join a game", end)
		p.waitControl("Room code")
		p.flick("Back", end)
		p.waitControl("Host a game for friends")
	}
}

// TestTwoThumbs taps with one finger, for less than a frame, while another is down and moves, and then lifts
// both: the tap is understood, and no finger stays down.
func TestTwoThumbs(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	p := newTab(t, chromium(t), "thumbs")
	p.do(append(screen(390, 844, 1, true), chromedp.Navigate(h.at("")))...)
	p.menu()
	x, y := p.middle("Join a game")
	eval[bool](p, `(() => {
		const c = document.querySelector("canvas"), at = (id, x, y) => new Touch({ identifier: id, target: c, clientX: x, clientY: y });
		const down = new Map();
		window.hand = (type, id, x, y) => {
			const t = at(id, x, y);
			if (type === "touchend") down.delete(id); else down.set(id, t);
			const list = [...down.values()];
			c.dispatchEvent(new TouchEvent(type, { bubbles: true, cancelable: true, touches: list, targetTouches: list, changedTouches: [t] }));
		};
		window.told = [];
		for (const type of ["touchstart", "touchmove", "touchend"]) {
			c.addEventListener(type, (e) => { window.told.push(Array.from({ length: e.targetTouches.length }, (_, i) => e.targetTouches.item(i).identifier).sort().join("")); });
		}
		hand("touchstart", 1, 3, 3);
		return true;
	})()`)
	look := func(n int) {
		looks := p.animated()
		p.waitFor("it has looked", func() bool { return p.animated() >= looks+n })
	}
	look(6)
	eval[bool](p, fmt.Sprintf(`(() => { hand("touchstart", 2, %f, %f); hand("touchend", 2, %f, %f); hand("touchmove", 1, 5, 3); return true; })()`, x, y, x, y))
	p.waitControl("Room code")
	look(6)
	eval[bool](p, `(() => { hand("touchmove", 1, 3, 3); hand("touchend", 1, 3, 3); return true; })()`)
	look(6)
	if told := eval[string](p, `window.told.join(" ")`); told != "1 12 12 1 1 " {
		t.Errorf("the program is told of the fingers %q", told)
	}
}

// menu leaves the match against a bot that a page without a room begins with.
func (p *tab) menu() {
	p.t.Helper()
	p.waitFor("it shows the menu", func() bool {
		switch said := p.status(); {
		case strings.HasPrefix(said, "The menu"):
			return true
		case strings.HasPrefix(said, "Paused"):
			p.waitActive("Go on")
			p.press(kb.ArrowDown)
			p.press(kb.Enter)
		case p.animated() > 3:
			p.press(kb.Escape) // on a slow machine the match may be over meanwhile: then it leads to the menu
		}
		return false
	})
}

// TestPhoneTypes joins a room on a telephone without a key but those of its own keyboard.
func TestPhoneTypes(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	host := h.seat("baseline", "phone", app.RoomFlags{Env: "slime", Frames: 60})
	p := newTab(t, chromium(t), "telephone")
	p.do(append(screen(390, 844, 1, true), chromedp.Navigate(h.at("")))...)
	p.menu()
	focused := func(label, want string) {
		t.Helper()
		got := eval[string](p, `(() => { const e = document.activeElement; return [e.tagName, e.getAttribute("aria-label"), e.inputMode, e.autocapitalize, parseFloat(getComputedStyle(e).fontSize) >= 16].join(" "); })()`)
		if got != want {
			t.Errorf("%s was touched, and the focus is on %q, want %q", label, got, want)
		}
	}
	if eval[bool](p, `document.activeElement.tagName === "INPUT"`) {
		t.Error("the keyboard comes before anybody has asked for it")
	}
	p.tap("Your name")
	focused("the name", "INPUT Your name text words true")
	p.picture("phone-name")
	// An input method puts a word together, and then it stands.
	p.do(input.ImeSetComposition("り", 1, 1), input.ImeSetComposition("李", 1, 1), input.InsertText("李 Zoë"))
	named := func() bool { return eval[string](p, element("Your name")+`.value`) == "李 Zoë" }
	p.waitFor("the name is there", named)
	p.waitFor("the name is kept", func() bool { return eval[string](p, `sessionStorage.getItem("tandem.name") ?? ""`) == "李 Zoë" })
	p.do(chromedp.Reload())
	p.menu()
	p.waitControl("Your name")
	p.waitFor("the name is there again", named)
	p.tap("Join a game")
	p.tap("Room code")
	focused("the code", "INPUT Room code text none true")
	p.do(input.InsertText("phon"), input.InsertText("e"))
	if eval[bool](p, element("Relay")+` !== undefined`) {
		t.Error("a page, whose relay is the one it came from, asks for another")
	}
	p.picture("phone-join")
	p.tap("Join")
	host.waitView("somebody has come", func(v *client.View) bool { return len(v.Players) == 2 && v.Players[1].Name == "李 Zoë" })
	same(t, 60, host.end(), p.waitEnd())
}

// accessible is the control with the focus as the page offers it to a screen reader: role, name, value.
func (p *tab) accessible() string {
	return eval[string](p, `(() => {
		const e = document.activeElement;
		const role = e.getAttribute("role") || { BUTTON: "button", INPUT: "textbox", SELECT: "combobox", A: "link" }[e.tagName];
		const name = e.getAttribute("aria-label") || e.labels?.[0]?.textContent || (e.tagName === "BUTTON" ? e.textContent : "");
		const value = e.tagName === "SELECT" ? e.selectedOptions[0]?.textContent : e.tagName === "INPUT" ? e.value : "";
		return [role, name, value].filter(Boolean).join(" ");
	})()`)
}

// TestKeyboardAlone walks through the menu by keys: each control is heard, Tab leads on and at the end
// out, and the keys of the browser stay the browser's, in play as well.
func TestKeyboardAlone(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	p := newTab(t, chromium(t), "keys")
	p.do(chromedp.ActionFunc(addScript(`window.taken = [];
		const prevent = Event.prototype.preventDefault;
		Event.prototype.preventDefault = function () { if (this.isTrusted && this.type === "keydown") window.taken.push(this.code); prevent.call(this); };
		// What the page leaves to the browser must not take this tab elsewhere: back, or into the address.
		window.addEventListener("keydown", (e) => { if (/^F\d/.test(e.key) || e.altKey || e.ctrlKey) prevent.call(e); }, true);`)),
		chromedp.Navigate(h.at("name=Ada&env=slime&env-opt=episodes%3D1000")))
	p.waitFrame(1)
	if got := eval[string](p, `(() => { const c = document.querySelector("canvas"); return [document.activeElement === c, c.tabIndex, c.getAttribute("role"), c.getAttribute("aria-label")].join(" "); })()`); got != "true 0 application The game" {
		t.Errorf("in play the canvas is %q", got)
	}
	wantTaken := func(where string, want ...string) {
		t.Helper()
		got := eval[[]string](p, `window.taken.splice(0)`)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the page takes %q, want %q", where, got, want)
		}
	}
	browsers := func() {
		for _, key := range []string{kb.F1, kb.F6, kb.F11, "/", "'", "j"} {
			p.do(stroke(key))
		}
		p.do(stroke(kb.ArrowLeft, input.ModifierAlt), stroke("l", input.ModifierCtrl))
	}
	browsers()
	wantTaken("in play")
	for _, key := range []string{kb.ArrowLeft, "d", " ", "-"} {
		p.press(key)
	}
	wantTaken("in play", "ArrowLeft", "KeyD", "Space", "Minus")
	p.do(stroke(kb.Tab))
	wantTaken("in play")
	if eval[bool](p, `document.activeElement === document.querySelector("canvas")`) {
		t.Error("Tab does not leave the canvas")
	}
	p.do(chromedp.Evaluate(`document.querySelector("canvas").focus()`, nil))

	p.menu()
	wantHeard := func(want string) {
		t.Helper()
		p.waitFor("it is heard: "+want, func() bool { return p.accessible() == want })
	}
	p.waitActive("Play with a bot")
	eval[any](p, `window.taken.splice(0)`)
	wantHeard("button Play with a bot")
	p.do(stroke(kb.Tab, input.ModifierShift))
	wantHeard("textbox Your name Ada")
	browsers()
	wantTaken("in a field")
	p.waitFor("what is typed is there", func() bool {
		return eval[string](p, element("Your name")+`.value`) == "/'j" // Tab has selected what was there
	})
	p.do(stroke(kb.Tab))
	p.waitActive("Play with a bot")
	p.press(kb.Enter)
	p.waitWords("Play with a bot")
	wantHeard("button Play")
	p.press(kb.ArrowUp)
	p.press(kb.ArrowUp)
	p.waitActive("Game")
	if heard := p.accessible(); !strings.HasPrefix(heard, "combobox Game ") {
		t.Errorf("it is heard: %q", heard)
	}
	p.press(kb.ArrowRight)
	p.waitWords("Game: ")
	if said, heard := p.status(), p.accessible(); heard != "combobox "+strings.Replace(said, ": ", " ", 1) {
		t.Errorf("it says %q, and heard is %q", said, heard)
	}
	for _, label := range []string{"Opponent", "Play", "Back"} {
		p.do(stroke(kb.Tab))
		p.waitActive(label)
	}
	p.do(stroke(kb.Tab))
	if inside := eval[bool](p, `document.getElementById("controls").contains(document.activeElement) || document.activeElement === document.querySelector("canvas")`); inside {
		t.Error("Tab does not leave the last control")
	}
	p.picture("keyboard")
}

// TestKeyWithoutFocusEvent moves the focus by Tab where the browser tells nobody of it, as Firefox does
// while its window is not the active one: Enter acts on the control that has it.
func TestKeyWithoutFocusEvent(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	p := newTab(t, chromium(t), "silent")
	p.do(chromedp.ActionFunc(addScript(`for (const type of ["focusin", "focus"]) window.addEventListener(type, (e) => e.stopImmediatePropagation(), true);`)),
		chromedp.Navigate(h.at("name=Ada")))
	p.menu()
	p.waitActive("Play with a bot")
	p.do(stroke(kb.Tab), stroke(kb.Tab))
	p.waitActive("Join a game")
	p.press(kb.Enter)
	p.waitControl("Room code")
}

// TestInvitation copies and shares the link, where the browser has a clipboard and where it has none, as
// by plain http.
func TestInvitation(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	b := chromium(t)
	for _, c := range []struct{ name, script string }{
		{"https", `Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { window.copied = text; } } });
			Object.defineProperty(navigator, "share", { value: async (what) => { window.shared = what.url; } });`},
		{"http", `Object.defineProperty(navigator, "clipboard", { value: undefined });
			Object.defineProperty(navigator, "share", { value: undefined });
			document.addEventListener("copy", () => { window.copied = getSelection().toString(); });`},
		{"refused", `Object.defineProperty(navigator, "clipboard", { get() { throw new Error("denied"); } });
			Object.defineProperty(navigator, "share", { get() { throw new Error("denied"); } });
			document.execCommand = () => false;`},
	} {
		p := newTab(t, b, c.name)
		p.do(append(screen(390, 640, 1, true), chromedp.ActionFunc(addScript(c.script)), chromedp.Navigate(h.at("host&name=Ada&env=slime")))...)
		p.waitWords("Friends open this link")
		link := h.link(mustReport(p).Room)
		p.waitControl(link)
		if href := eval[string](p, element(link)+`.href`); href != link {
			t.Errorf("%s: the link leads to %s", c.name, href)
		}
		p.picture("invitation-" + c.name)
		p.tap("Copy the link")
		if c.name == "refused" {
			p.waitWords("The link is selected")
			if selected := eval[string](p, `getSelection().toString()`); selected != link {
				t.Errorf("selected is %q", selected)
			}
		} else {
			p.waitWords("The link is copied")
			if copied := eval[string](p, `window.copied`); copied != link {
				t.Errorf("%s: copied was %q, want %q", c.name, copied, link)
			}
		}
		if shares := eval[bool](p, element("Share")+` !== undefined`); shares != (c.name == "https") {
			t.Errorf("%s: sharing is offered: %v", c.name, shares)
		}
		if c.name == "https" {
			p.tap("Share")
			p.waitFor("it is shared", func() bool { return eval[string](p, `window.shared ?? ""`) == link })
		}
		chromedp.Cancel(p.ctx)
	}
}
