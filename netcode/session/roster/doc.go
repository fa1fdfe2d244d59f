// Package roster tells who may sit where: the Token that brings a player back to a seat, and a room back to a
// relay that was restarted, and the Holders of a match's seats.
package roster
