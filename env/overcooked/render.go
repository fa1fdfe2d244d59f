package overcooked

import (
	"fmt"
	"strconv"

	"tandem/env/draw"
)

// Names of the sprites. All are square tiles; an item's may be drawn smaller than a tile. The hats
// are masks to be painted in the colour of the item's role, which is the seat's.
const (
	spriteFloor      = "floor"
	spriteWall       = "wall"
	spriteCounter    = "counter"
	spriteOnionStack = "onion_stack"
	spriteDishStack  = "dish_stack"
	spriteDelivery   = "delivery"
	spritePot        = "pot" // empty, drawn over a counter

	spritePotOne     = "pot_onions_1" // what is in the pot, drawn over it
	spritePotTwo     = "pot_onions_2"
	spritePotCooking = "pot_cooking"
	spritePotReady   = "pot_ready"
)

var (
	itemSprites = [numItems]string{onion: "onion", plate: "dish", soup: "soup"}
	chefSprites = [4]string{right: "chef_east", down: "chef_south", left: "chef_west", up: "chef_north"}
	hatSprites  = [4]string{right: "hat_east", down: "hat_south", left: "hat_west", up: "hat_north"}
)

// SpriteNames returns the names of all sprites that a picture can hold.
func SpriteNames() []string {
	names := []string{
		spriteFloor, spriteWall, spriteCounter, spriteOnionStack, spriteDishStack, spriteDelivery,
		spritePot, spritePotOne, spritePotTwo, spritePotCooking, spritePotReady,
	}
	names = append(names, itemSprites[onion:]...)
	names = append(names, chefSprites[:]...)
	return append(names, hatSprites[:]...)
}

const (
	depthFloor    = -4
	depthCounter  = -3 // and walls
	depthStation  = -2
	depthItem     = -1 // on counters, on the floor, in pots
	depthBehind   = 0  // what a chef who faces away carries
	depthChef     = 1
	depthHat      = 2
	depthCarried  = 3
	depthProgress = 4
)

// Shares of a tile.
const (
	carriedSize = 0.5
	carriedFar  = 0.3 // from the chef's centre to the carried item's

	carriedMiddle = (1 - carriedSize) / 2

	barLeft, barTop     = 0.12, 0.8
	barWidth, barHeight = 0.76, 0.12
	barBackAlpha        = 0.5
	stepShare           = 1.0 / cookingTime
)

// carriedAt is the top left corner of what a chef carries, from the tile's, by direction.
var carriedAt = [4][2]float64{
	right: {carriedMiddle + carriedFar, carriedMiddle}, down: {carriedMiddle, carriedMiddle + carriedFar},
	left: {carriedMiddle - carriedFar, carriedMiddle}, up: {carriedMiddle, carriedMiddle - carriedFar},
}

// still is what a layout's picture always shows, and the names of what it sometimes does.
type still struct {
	items            []draw.Item
	w, h             float64  // of a tile
	itemIDs          []string // by cell
	soupIDs          []string // by pot
	barIDs, backIDs  []string
	chefs, hats, own []string // by agent
}

func newStill(l *layout) *still {
	s := &still{w: 1 / float64(l.cols), h: 1 / float64(l.rows), itemIDs: make([]string, len(l.kinds))}
	for cell, k := range l.kinds {
		at := fmt.Sprintf("@%d,%d", l.row(cell), l.col(cell))
		s.itemIDs[cell] = "item" + at
		add := func(name string, depth int8) {
			s.items = append(s.items, s.tile(l, cell, name+at, name, depth))
		}
		switch k {
		case free:
			add(spriteFloor, depthFloor)
		case wall:
			add(spriteWall, depthCounter)
		case counter:
			add(spriteCounter, depthCounter)
		case onionStack:
			add(spriteOnionStack, depthStation)
		case plateStack:
			add(spriteDishStack, depthStation)
		case delivery:
			add(spriteDelivery, depthStation)
		case pot:
			add(spriteCounter, depthCounter)
			add(spritePot, depthStation)
			s.soupIDs = append(s.soupIDs, "contents"+at)
			s.barIDs = append(s.barIDs, "progress"+at)
			s.backIDs = append(s.backIDs, "progress_back"+at)
		}
	}
	for i := range l.seats {
		chef := "chef" + strconv.Itoa(i)
		s.chefs = append(s.chefs, chef)
		s.hats = append(s.hats, chef+"_hat")
		s.own = append(s.own, chef+"_held")
	}
	return s
}

// tile is a sprite that fills a cell.
func (s *still) tile(l *layout, cell int, id, name string, depth int8) draw.Item {
	return draw.Item{
		ID: id, Kind: draw.Sprite, Name: name, Depth: depth, Alpha: 1,
		X: float64(l.col(cell)) / float64(l.cols), Y: float64(l.row(cell)) / float64(l.rows),
		W: s.w, H: s.h,
	}
}

// Render draws the kitchen.
func (e *Env) Render(list *draw.List) {
	if e.still == nil {
		e.still = newStill(e.layout)
	}
	s, l := e.still, e.layout
	list.Items = append(list.Items, s.items...)
	for cell, it := range e.items {
		if it != nothing {
			list.Add(s.tile(l, cell, s.itemIDs[cell], itemSprites[it], depthItem))
		}
	}
	for i, cell := range l.pots {
		e.renderPot(list, i, cell)
	}
	for i := range e.agents {
		e.renderCook(list, i)
	}
}

func (e *Env) renderPot(list *draw.List, i, cell int) {
	s, p := e.still, &e.pots[i]
	name := ""
	switch p.status() {
	case potEmpty:
		return
	case potPartial:
		name = spritePotOne
		if p.onions == 2 {
			name = spritePotTwo
		}
	case potCooking:
		name = spritePotCooking
	case potReady:
		name = spritePotReady
	}
	contents := s.tile(e.layout, cell, s.soupIDs[i], name, depthItem)
	list.Add(contents)
	if p.status() != potCooking {
		return
	}
	bar := draw.Item{
		ID: s.backIDs[i], Kind: draw.Rect, Role: draw.Pupil, Depth: depthProgress, Alpha: barBackAlpha,
		X: contents.X + float64(barLeft*s.w), Y: contents.Y + float64(barTop*s.h),
		W: barWidth * s.w, H: barHeight * s.h,
	}
	list.Add(bar)
	bar.ID, bar.Role, bar.Alpha = s.barIDs[i], draw.Glow, 1
	bar.W *= float64(cookingTime-p.timer) * stepShare
	list.Add(bar)
}

func (e *Env) renderCook(list *draw.List, i int) {
	s, a := e.still, &e.agents[i]
	chef := s.tile(e.layout, a.cell, s.chefs[i], chefSprites[a.dir], depthChef)
	hat := s.tile(e.layout, a.cell, s.hats[i], hatSprites[a.dir], depthHat)
	chef.Role, hat.Role = draw.Seat(i), draw.Seat(i)
	list.Add(chef)
	list.Add(hat)
	if a.held == nothing {
		return
	}
	held := s.tile(e.layout, a.cell, s.own[i], itemSprites[a.held], depthCarried)
	if a.dir == up {
		held.Depth = depthBehind
	}
	place := carriedAt[a.dir]
	held.X += float64(s.w * place[0])
	held.Y += float64(s.h * place[1])
	held.W, held.H = carriedSize*s.w, carriedSize*s.h
	list.Add(held)
}
