package scene

import (
	"errors"
	"image"
	"testing"

	"tandem/game/client"
)

// What can be saved is offered at the end of a match that was played, and a picture at any time.
func TestOffers(t *testing.T) {
	tb := newTable(t, true)
	var pictures, data, reloads int
	full := errors.New("there is no room")
	tb.g.options.SavePicture = func(img *image.RGBA) error {
		if img.Bounds().Dx() != 640 || img.RGBAAt(5, 5).A != 0xff {
			t.Errorf("a picture of %v", img.Bounds())
		}
		pictures++
		return nil
	}
	tb.g.options.SaveData = func() error { data++; return full }
	tb.g.options.Reload = func() { reloads++ }
	do := func(ev *events) {
		t.Helper()
		if err := tb.g.update(ev, 0, 0); err != nil {
			t.Fatal(err)
		}
		tb.g.Draw(tb.screen)
	}
	do(later(keyPicture))
	if pictures != 1 {
		t.Fatalf("F2 in play saved %d pictures", pictures)
	}
	tb.in(client.Finished)
	do(&events{now: start, focused: true})
	ids := func() (ids []int) {
		for _, it := range tb.g.end.items {
			ids = append(ids, it.id)
		}
		return ids
	}
	if got := ids(); len(got) != 3 || got[0] != idLeave || got[1] != idPicture || got[2] != idData {
		t.Fatalf("the end offers %v", got)
	}
	choose := func(id int) {
		t.Helper()
		for i := range tb.g.end.items {
			if tb.g.end.items[i].id == id {
				tb.g.end.focus = i
			}
		}
		do(later(keyEnter))
	}
	choose(idPicture)
	choose(idData)
	if pictures != 2 || data != 1 || tb.g.end.note != full.Error() {
		t.Errorf("%d pictures, %d data, note %q", pictures, data, tb.g.end.note)
	}
	choose(idPicture)
	if pictures != 3 || tb.g.end.note != "" {
		t.Errorf("%d pictures, note %q", pictures, tb.g.end.note)
	}

	// Another version: nothing was played, and the page is to be loaded again.
	other := newTable(t, true)
	other.g.options.Reload = func() { reloads++ }
	old := other.m.show
	other.m.show = func(v *client.View) { old(v); v.Outdated = true }
	other.in(client.Closed)
	for range 2 {
		if err := other.g.update(later(0), 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	if it := other.g.end.items[0]; it.id != idReload {
		t.Fatalf("the first offer is %q", it.label)
	}
	other.g.end.focus = 0
	if err := other.g.update(later(keyEnter), 0, 0); err != nil {
		t.Fatal(err)
	}
	if err := other.g.update(&events{now: start.Add(2 * endGuard), focused: true, keys: keyEnter}, 0, 0); err != nil {
		t.Fatal(err)
	}
	if reloads == 0 {
		t.Error("Enter does not reload the page")
	}
}

// A room without a seat that can be watched offers that; the match that is watched takes the place of
// the one that was not to be had.
func TestOfferToWatch(t *testing.T) {
	tb := newTable(t, true)
	var of Match
	watched := &fakeMatch{show: view(func(v *client.View) { v.Watching, v.Seat = true, -1 })}
	failed := errors.New("no relay")
	tb.g.options.Watch = func(m Match) (Match, error) {
		of = m
		if failed != nil {
			return nil, failed
		}
		return watched, nil
	}
	old := tb.m.show
	tb.m.show = func(v *client.View) { old(v); v.MayWatch, v.Frame = true, 0 }
	tb.in(client.Closed)
	do := func(ev *events) {
		t.Helper()
		if err := tb.g.update(ev, 0, 0); err != nil {
			t.Fatal(err)
		}
		tb.g.Draw(tb.screen)
	}
	do(later(0))
	if it := tb.g.end.items[0]; it.id != idWatchRoom || len(tb.g.end.items) != 2 {
		t.Fatalf("it offers %+v", tb.g.end.items)
	}
	tb.g.end.focus = 0
	enter := &events{now: start.Add(5 * endGuard), focused: true, keys: keyEnter}
	do(enter)
	if of != tb.m || tb.g.current != tb.m || tb.g.end.note != failed.Error() {
		t.Fatalf("when it cannot be watched: of %v, note %q", of, tb.g.end.note)
	}
	failed = nil
	do(enter)
	if tb.g.current != watched || tb.m.left != 1 || tb.g.sampler != nil {
		t.Errorf("watching: %v, the other was left %d times", tb.g.current == watched, tb.m.left)
	}
}
