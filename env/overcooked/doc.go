// Package overcooked is Overcooked: cooks who share a kitchen put onions into pots, soup onto
// plates and plates over the counter. It is registered as overcooked/cramped_room,
// overcooked/asymmetric_advantages, overcooked/coordination_ring, overcooked/forced_coordination and
// overcooked/counter_circuit for two, and as overcooked/party_3, party_4 and party_8, kitchens of
// our own with the same rules, for as many cooks.
//
// The rules, the order of a step and every random draw are those of the Python reference that the
// original system pinned (CoGrid 0.0.15), so that states, rewards and observations are the same bit
// for bit; testdata/golden holds its recorded games. Restart keeps the reference's reset without a
// seed, which continues the generator.
//
// # Rules
//
// A move turns the cook and, if the cell in front is free, moves it, both in one step. Where cooks
// want the same cell, a shuffled order decides; nobody changes places with another. PickupDrop acts
// on the cell in front, if no cook stands there: it takes from stacks and counters, puts down on
// empty counters and free floor (which then is not free), puts onions into pots with fewer than
// three, takes soup from a ready pot onto a plate, and delivers soup. A pot cooks from its third
// onion on for 30 steps, then stays ready for ever. A step is: pots, moves, then PickupDrop of each
// cook in turn. The episode is truncated after max_steps steps.
//
// Actions are 0 MoveUp, 1 MoveDown, 2 MoveLeft, 3 MoveRight, 4 PickupDrop, 5 Toggle (without effect,
// and without a key) and 6 Noop. Directions are 0 right, 1 down, 2 left, 3 up; positions are row and
// column from the top left.
//
// # Rewards and infos
//
// Every cook gets 1 for every soup that anybody delivers. The infos are that, delivery_act_reward (1
// for who did it), onion_in_pot_reward and soup_in_dish_reward, which count for nothing; then row,
// col, direction, and layout_id: 0 to 4 in the order above, 5 to 7 for the parties. The components
// are judged by the kitchen before the step, pots included, as the reference does.
//
// # Observation
//
// Of every agent, in the reference's order (alphabetical): full_map_encoding, then
// overcooked_behavior_features, as float32.
//
// The map is 12×12×3, or as large as the kitchen where that is larger: type, 0, and state of each
// cell, in hundredths. Types: free 0, wall 2, pot 12, plate 13, plate stack 14, soup 15, onion stack
// 16, onion 17, delivery 18, counter 19, cook facing up 20, right 21, down 22, left 23. State: what
// lies on the counter, what the cook holds, the pot's code (onions + onions·timer at its last
// tick).
//
// The features are a block for the agent itself, a block for each other agent in the order of
// their seats, 4 weights (1, 0, 0, 0) and the layout's one-hot of 5, all 0 in a party. "From" is
// the cook's position less the object's, row and column:
//
//	 4  direction, one-hot
//	 3  holds onion, soup, plate
//	 4  counter to the east, west, south, north
//	16  pot there that is empty, partly filled, cooking, ready: four each
//	 8  from the 4 nearest onions, on counters or the floor; fewer are padded with 0, as below
//	 8  from the 4 nearest plates
//	 4  from the 2 nearest plate stacks
//	 4  from the 2 nearest onion stacks
//	 8  from the 4 nearest soups
//	 4  from the 2 nearest deliveries
//	 8  from the 4 nearest counters
//	22  the first two pots, row by row: 1; ready, empty, cooking, partly filled; onions; timer or -1;
//	    from it; its row and column
//	 2  from each other agent, in the order of their seats
//	 2  own row and column
//	 4  can walk east, west, south, north, other cooks aside
//
// Two cooks make a block of 101 and 211 features; n cooks a block of 97+2n. Among equally near
// things the order is that of numpy's default argsort, which is not stable above 16 things.
//
// # Bots
//
// Cook is a bot that plays every kitchen, alone or in company, in three levels that differ in pace:
// cook_easy acts four times a second, cook ten times, cook_hard whenever its last action has shown
// its effect; cook_hard also fetches onions for the next soup while pots are still cooking.
package overcooked
