//rules: goroutines netcode/session/room.go

package session

func run(c chan int) int {
	go run(c) // want
	select {  // want
	default:
	}
	c <- 1      // want
	return -<-c // want
}
