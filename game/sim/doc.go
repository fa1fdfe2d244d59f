// Package sim plays a match without a screen: it executes a session's commands on an environment.
//
// A Match is a deterministic function of the room's options, the room seed and the bundles. It adds
// to the environment what belongs to the match: episodes, the hold between them, scores and the
// frame number. All of it is part of the state that is hashed, so two peers whose hashes agree
// agree on everything.
//
//	Reset(seed)              frame 0, episode 0
//	Step × n                 until every agent is terminated or truncated after frame F:
//	                         the environment is reset with the next episode's seed before F+1,
//	                         and the frames F+1 … F+H pass without a step (the hold)
//	Over()                   after the last episode's last step, or after the room's fixed number of frames
//
// A Recorder keeps what a peer plays on disk. A Replay plays a recording again and compares its
// hashes; a Table makes rows of data of it, equal for every participant but for the columns named
// "local.". A SyncTest checks that an environment is a function of its state and its actions alone.
package sim
