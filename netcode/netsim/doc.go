// Package netsim is a simulated network: seeded, on a virtual clock, and as a decorator of a real
// connection.
//
// A Spec says what a seat's line is like; ParseSpec reads the command line's -net. Each direction
// of a connection is a line by itself, with the same conditions but for what the Spec says of it alone, and
// its own random numbers. On a line that loses nothing a message
//
//   - waits until those before it have left, and takes its bytes·8/Bandwidth to leave;
//   - is under way for RTT/2 + Jitter·U(−½, ½), not less than zero, plus the heavy tail's draw, plus
//     StallFor with the stall's probability;
//   - never overtakes an earlier one: it arrives with that one at the earliest, as in TCP;
//   - is lost only by a cut (drop=): what is under way then, and what is sent during it.
//
// Where packets are lost (loss=, burst=, a full buffer=), the same holds for packets, and a carrier makes
// ordered messages of them that all arrive: TCP (tcp.go), or datagrams that repeat what is not acknowledged
// (datagrams.go). So a loss costs what it costs there: with TCP a round trip and the time to the next
// message, for everything behind it too, or the timer's 200 ms and more; with datagrams 6 ms.
//
// Link is one such direction on a virtual clock; nothing in it reads a clock, so a whole game with
// its network runs in a loop. Schedule changes the conditions in time. Clock gives a node a clock
// of its own with an offset and a skew.
//
// Wrap and Shaper put a real transport.Conn behind such a line, with real timers: two goroutines
// for each connection, which end with its Close. What a Conn promises holds for the result too.
// Messages under way are bounded; beyond that Write blocks, and the connection is not read.
// Goodbyes travel like messages; a cut ends the connection at both ends without one.
//
// # Concurrency
//
// Spec, Specs, Schedule and Clock are values. A Link belongs to one goroutine. A Shaper and a
// wrapped connection may be used as a transport.Conn may.
package netsim
