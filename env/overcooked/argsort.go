package overcooked

// smallPartition is the length up to which argsort inserts instead of dividing.
const smallPartition = 16

// argsort sorts order, which holds the indices of keys in ascending order, by their keys. Equal
// keys end up where numpy's default argsort (the portable quicksort, not its vectorised variants)
// puts them, which decides what an agent sees: up to smallPartition elements keep their order,
// beyond that the partitions mix them.
func argsort(keys, order []int) {
	for len(order) > smallPartition {
		i := partition(keys, order)
		// The two sides are sorted apart, so the order in which they are done does not matter; the
		// smaller one is done by recursion, which bounds its depth.
		small, large := order[:i], order[i+1:]
		if len(small) > len(large) {
			small, large = large, small
		}
		argsort(keys, small)
		order = large
	}
	for i := 1; i < len(order); i++ {
		at, key := order[i], keys[order[i]]
		j := i
		for ; j > 0 && key < keys[order[j-1]]; j-- {
			order[j] = order[j-1]
		}
		order[j] = at
	}
}

// partition divides order about the median of its first, middle and last element and returns where
// that one now stands.
func partition(keys, order []int) int {
	first, last := 0, len(order)-1
	mid := last / 2
	swapIfLess := func(a, b int) {
		if keys[order[a]] < keys[order[b]] {
			order[a], order[b] = order[b], order[a]
		}
	}
	swapIfLess(mid, first)
	swapIfLess(last, mid)
	swapIfLess(mid, first)
	pivot := keys[order[mid]]
	i, j := first, last-1
	order[mid], order[j] = order[j], order[mid]
	for {
		for i++; keys[order[i]] < pivot; i++ {
		}
		for j--; pivot < keys[order[j]]; j-- {
		}
		if i >= j {
			break
		}
		order[i], order[j] = order[j], order[i]
	}
	order[i], order[last-1] = order[last-1], order[i]
	return i
}
