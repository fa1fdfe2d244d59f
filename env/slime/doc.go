// Package slime is Slime Volleyball for two: "slime" and its variant "slime/boost", in which each
// side may once speed up its bounces by half.
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
package slime
