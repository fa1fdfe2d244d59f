package protocol

import "fmt"

// Code says why a message, a join or a match was refused or ended. It travels in error and end_game
// and, plus CloseBase, as the WebSocket close code.
type Code uint8

const (
	CodeOK           Code = 0  // the match ended as it should
	CodeVersion      Code = 1  // another protocol version
	CodeMalformed    Code = 2  // a message that cannot be read
	CodeTooLarge     Code = 3  // a message over its limit
	CodeTooFrequent  Code = 4  // more messages than anybody playing needs
	CodeRoomFull     Code = 5  // every seat is taken
	CodeNoRoom       Code = 6  // no room of that code
	CodeOptions      Code = 7  // a joiner's options contradict the room's
	CodeSeat         Code = 8  // that seat is taken or does not exist
	CodeUnexpected   Code = 9  // a message that has no place now
	CodeWindow       Code = 10 // an input too far from the open frame
	CodeServerFull   Code = 11 // the relay holds as many rooms or connections as it may
	CodeShutdown     Code = 12 // the relay is stopping
	CodeSlow         Code = 13 // the receiver does not take what is sent
	CodeSilent       Code = 14 // nothing was heard for too long
	CodeLeft         Code = 15 // a player left
	CodeGone         Code = 16 // a player's connection is gone
	CodeDesync       Code = 17 // the players' states differ
	CodeNotHost      Code = 18 // only the host may do that
	CodeTakenOver    Code = 19 // the seat was taken over by a newer connection
	CodeReserved     Code = 20 // a message of a later version
	CodeInternal     Code = 21 // a fault of the program
	CodeEnvironment  Code = 22 // this program lacks the room's environment, or has another version of it
	CodeOrigin       Code = 23 // a web page that may not use this relay
	CodeRoomOver     Code = 24 // the room's match is over
	CodeRoomStarted  Code = 25 // the match has begun
	CodeConnectLimit Code = 26 // too many connections from one address
	CodeSpectator    Code = 27 // who watches cannot act
	CodeBusy         Code = 28 // not now; try again in a moment
	CodeLink         Code = 29 // this link cannot hold the room's strict input delay
	CodeRoomLimit    Code = 40 // too many rooms made from one address
	CodeTries        Code = 41 // too many room codes tried from one address
	CodeCrowded      Code = 42 // every seat is taken, and nobody more may watch
)

// CloseBase plus a Code is the WebSocket close code (4000 to 4999 belong to applications).
const CloseBase = 4000

var codeNames = map[Code]string{
	CodeOK: "ok", CodeVersion: "version", CodeMalformed: "malformed", CodeTooLarge: "too_large",
	CodeTooFrequent: "too_frequent", CodeRoomFull: "room_full", CodeNoRoom: "no_room",
	CodeOptions: "options_differ", CodeSeat: "seat", CodeUnexpected: "unexpected",
	CodeWindow: "frame_window", CodeServerFull: "server_full", CodeShutdown: "shutdown",
	CodeSlow: "slow", CodeSilent: "silent", CodeLeft: "left", CodeGone: "gone",
	CodeDesync: "desync", CodeNotHost: "not_host", CodeTakenOver: "taken_over",
	CodeReserved: "reserved", CodeInternal: "internal", CodeEnvironment: "environment",
	CodeOrigin: "origin", CodeRoomOver: "room_over", CodeRoomStarted: "room_started",
	CodeConnectLimit: "connection_limit", CodeRoomLimit: "room_limit", CodeTries: "tries",
	CodeSpectator: "spectator", CodeBusy: "busy", CodeCrowded: "crowded", CodeLink: "link",
}

// String returns the code's name.
func (c Code) String() string {
	if n, ok := codeNames[c]; ok {
		return n
	}
	return fmt.Sprintf("code(%d)", uint8(c))
}

// Error is a refusal: a code for programs and words for people.
type Error struct {
	Code Code
	Text string
}

// Error returns the words.
func (e *Error) Error() string { return e.Text }

// Errorf makes an Error.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Text: fmt.Sprintf(format, args...)}
}
