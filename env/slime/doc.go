// Package slime is Slime Volleyball: "slime" for two, its variant "slime/boost", in which each side
// may once speed up its bounces by half, and "slime/doubles", two against two.
//
// The rules, the order of every operation and the constants are those of the Python reference that
// the original system pinned (chasemcd/slimevolleygym 4f77523, after David Ha's game), so that the
// float64 state is the same bit for bit; testdata/golden holds its recorded games. The one
// difference is that Reset honours its seed, as the fork's later version does: a new generator, the
// serve that the constructor draws and nobody plays (two of them in the boost variant, which builds
// its game twice), then the serve that is played. Restart keeps the reference's habit of continuing
// the generator.
//
// # The world
//
// 48 units wide, x = 0 at the net, positive to the right; y grows upward, the ground's surface is
// at 1.5. Agent 0 is agent_left, agent 1 agent_right. A frame is 1/30 s. After a serve the ball
// hangs still for 30 frames. The side on whose ground the ball lands loses a life, and -1 in
// reward; the other side gets +1. The episode terminates when a side has no life left and is
// truncated after max_steps steps.
//
// # Actions
//
// 0 noop, 1 left, 2 up-left, 3 up, 4 up-right, 5 right; boost adds 6 to 11, the same with the boost
// pressed, and 12, another name for 6. With human_inputs (the default) left and right are those of
// the screen for both seats; without it they are the reference's "forward" and "backward", so 1
// moves towards the net.
//
// # Observation
//
// Own x, y, vx, vy, the ball's, the opponent's, each divided by 10 and seen from the agent's own
// side (x and vx point away from the net for its own slime and its ball; the opponent's count from
// the opponent's side). Boost adds, not divided, the own stock and timer and the opponent's. On a
// frame that scores, the observation is the previous frame's: the reference does not refresh it
// then. Only the own stock and timer are always current.
//
// # Doubles
//
// slime/doubles is a game of our own on the same court, with the same ball, net and slimes. Seats 0
// and 2 play on the left, 1 and 3 on the right; the first of each side (agent_left_back,
// agent_right_back) starts 18 from the net, the second (agent_left_front, agent_right_front) 8.
//
//   - Team-mates pass each other; only the net, the walls and the ground stop a slime.
//   - The ball bounces off every slime except the one that touched it last: that one it flies
//     through until another slime, of either side, has touched it. Contacts within 6 frames of the
//     last one are the same touch. The option double_touch lifts the rule.
//   - The ball meets the slimes in the order of their seats, then the net. It is pushed out of each
//     that it overlaps, and reflected where it approaches, so that two slimes on one spot hit like
//     one. In the game for two it is always reflected.
//   - The ball's landing costs the side a life, and its two slimes -1 in reward; the two others get
//     +1. A point that is not the last serves anew at once: the ball hangs for 30 frames, anybody may
//     touch it first, and the slimes stay where they are. The episode terminates when a side has no
//     life left (5 by default) and is truncated after max_steps steps.
//   - Actions are those of the base game. The info "touch" is 1 for who touched the ball in a step.
//   - The serve is the first of the seed's generator. There is no boost.
//
// An observation is 24 numbers: x, y, vx, vy of oneself, the ball, the team-mate, and the opponents'
// back and front, divided by 10 and mirrored as above; then, in the order self, team-mate, back,
// front, 1 for who may touch the ball and 0 for who may not. It always shows the current frame.
//
// # Bots
//
// Baseline is the original's opponent, a small net that plays from its observation. Ace plans with
// the game's own physics, in three levels: ace_easy, which is slow, misjudges places and never jumps,
// ace, and ace_hard. Both play all the games; an ace finds out by itself how late its actions act.
package slime
