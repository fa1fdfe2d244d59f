package main

import (
	"time"

	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
)

// variant is one row: the system as analysed with something changed.
type variant struct {
	name string
	what string

	queue     peer.Rules
	parser    wire.Parser
	predicted bool          // action_population_method
	byFrame   bool          // the relay compares hashes of equal frames only
	ours      bool          // full snapshots travel beside the original's fields
	poll      bool          // HTTP long-polling
	priority  bool          // actions overtake states
	chunk     int           // bytes of a state's pieces
	bot       string        // "" for the usual one
	wait      time.Duration // late_policy=wait

	sequenced string // a delay: sequenced play
}

// all is how two of our peers play in queue mode.
var all = peer.OurPlay(5)

var variants = []variant{
	{name: "as analysed", what: "queue mode, JSON, no delay, hashes of frame and step, unequal frames compared, no retry"},
	{name: "A1 delta state", what: "a full state is sent as what differs from the last one", queue: peer.Rules{Delta: true}, ours: true},
	{name: "A2 binary", what: "the msgpack parser instead of JSON", parser: wire.Msgpack},
	{name: "A3 batching", what: "an action waits 16 ms for company", queue: peer.Rules{Batch: 16 * time.Millisecond}},
	{name: "B1 adaptive sync", what: "a hash every 5 frames for 5 s after a difference, else every 20", queue: peer.Rules{Adaptive: true}},
	{name: "B2 off", what: "(hash-only is part of the system as analysed) the host sends its state at every interval", queue: peer.Rules{Push: true}},
	{name: "B3 predictive", what: "a missing action brings the next hash forward", queue: peer.Rules{Predictive: true}},
	{name: "C1 timestamps", what: "queues are kept in the order of frame numbers", queue: peer.Rules{Ordered: true}},
	{name: "C2 input delay", what: "own actions take effect 3 frames later, as the seed's code does it", queue: peer.Rules{Delay: 3}},
	{name: "C3 predicted", what: "a missing action is predicted from the player's habits", predicted: true},
	{name: "D1 fixed step", what: "frames are due by the clock, not by when the last one was stepped", queue: peer.Rules{FixedStep: true}},
	{name: "D2 frame sync", what: "players tell each other how far ahead they are; the one ahead slows down", queue: peer.Rules{FrameSync: true}},
	{name: "E1 off", what: "(WebSocket alone is part of the system as analysed) HTTP long-polling", poll: true},
	{name: "E2 priorities", what: "full states wait in the send queues until no action waits", queue: peer.Rules{Priority: true}, priority: true},
	{name: "E2 in chunks", what: "ours: the same, and states leave in pieces of 1 KiB", queue: peer.Rules{Priority: true}, priority: true, chunk: 1024},
	{name: "hash by frame", what: "ours: the relay compares hashes of equal frames only", byFrame: true},
	{name: "by frame, recent", what: "ours: the same, and a queue that has run over keeps its newest actions; a request that is lost is repeated", byFrame: true, queue: peer.Rules{RecentFirst: true, Retry: 3 * time.Second}},
	{name: "whole-state hash", what: "ours: players compare hashes of the whole state, and ask on a difference", queue: peer.Rules{OwnHash: true, Retry: 3 * time.Second}, ours: true},
	{name: "C2 + frame tags", what: "ours: 3 frames of delay, and an action belongs to the frame it names; D1, D2", queue: peer.Rules{Delay: 3, Tagged: true, FixedStep: true, FrameSync: true}},
	{name: "C2 + host closes", what: "ours: the same, and the host says what stands in a frame: nobody steps one before; full snapshots", queue: peer.Rules{Delay: 3, Tagged: true, HostCloses: true, FixedStep: true, FrameSync: true}, ours: true},
	{name: "all, delay 5", what: "ours: queue mode between two of our peers: tags, closed by the host, whole-state hash, delta, priorities, msgpack", queue: all, parser: wire.Msgpack, ours: true, priority: true, chunk: 1024, predicted: true},
	{name: "all, delay 9", what: "the same with 9 frames", queue: peer.OurPlay(9), parser: wire.Msgpack, ours: true, priority: true, chunk: 1024, predicted: true},
	{name: "all, wait 150 ms", what: "5 frames, and the host waits up to 150 ms for an action", queue: all, parser: wire.Msgpack, ours: true, priority: true, chunk: 1024, wait: 150 * time.Millisecond},
	{name: "sequenced, delay 3", what: "ours: the relay closes frames; input delay 3 frames", sequenced: "3"},
	{name: "sequenced, auto", what: "ours: the same, the input delay follows the line", sequenced: "auto"},
}
