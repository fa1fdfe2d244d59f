package lan

import (
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/libp2p/zeroconf/v2"
)

// Announcement is a relay that can be found.
type Announcement struct{ server *zeroconf.Server }

// Announce lets a relay be found that listens on port. name is for people's lists; "" means the
// machine's name. pin names its certificate for datagrams, see Relay. Close takes it back.
func Announce(name string, port int, secure bool, pin string, version int) (*Announcement, error) {
	return announce(name, port, secure, pin, version, nil)
}

func announce(name string, port int, secure bool, pin string, version int, on []net.Interface) (*Announcement, error) {
	host, err := os.Hostname()
	if err != nil || label(host) == "" {
		host = "tandem"
	}
	if name == "" {
		name = host
	}
	r := Relay{Name: name, Version: version, Secure: secure, Pin: pin}
	s, err := zeroconf.Register(label(host)+"-"+strconv.Itoa(port), service, domain, port, r.text(), on)
	if err != nil {
		return nil, fmt.Errorf("the relay cannot be announced on this network (%w): friends have to type its address", err)
	}
	return &Announcement{s}, nil
}

// Close says goodbye to who has heard the announcement.
func (a *Announcement) Close() { a.server.Shutdown() }
