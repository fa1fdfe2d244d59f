// Package magpies is a small game of stealing and hoarding for 2 to 8, and the example of how an
// environment is added: "magpies" for two, "magpies/four" for four, and any number from 2 to 8 with
// the option seats.
//
// # Rules
//
// Magpies hop over a garden of 9 rows and 15 columns and carry coins to their nests. A hop goes to a
// neighbouring cell, over no hedge and into nobody else's nest, at most one in 4 frames; a hop that is
// asked for earlier is done as soon as it may be. Hopping onto a coin takes it, as long as fewer
// than 3 are carried; another one then appears somewhere. Hopping against a magpie takes one coin from
// it, if it has one and the thief fewer than 3; whoever was robbed cannot be robbed again for a second.
// A magpie that hops into its nest lays down all that it carries: 1 coin is worth 1, 2 are worth 3, 3
// are worth 6. In each frame the magpies hop one after the other, and another one begins in every frame. The
// episode is truncated after max_steps steps.
//
// # Actions, rewards, infos
//
// 0 stay, 1 up, 2 down, 3 left, 4 right. The reward is what the coins laid down are worth. The infos
// are how many coins the magpie carries, how many it stole in this step, and 1 in steps in which it
// was robbed.
//
// # Observation
//
// For oneself and then for the others in the order of the seats that follow: row, column, coins
// carried, frames until it may hop, frames until it can be robbed. Then row and column of one's own
// nest, and of every coin. All are whole numbers; rows and columns count from the top left.
package magpies
