package netsim

import (
	"fmt"
	"strings"
)

// preset is a word of -net that stands for others.
type preset struct{ name, text string }

// presets are usual lines between a home and a relay. The figures are round ones of ordinary days: what
// is measured on such lines differs more between two homes than between these.
var presets = []preset{
	{"wifi", "rtt=20ms,jitter=6ms,tail=2ms/1.5,loss=0.3%,burst=0.2%/60ms"},
	{"lte", "rtt=60ms,jitter=20ms,tail=5ms/1.5,stall=0.3%/150ms,loss=0.1%,burst=0.1%/100ms,buffer=500ms,up.bw=10mbit,down.bw=40mbit"},
	{"transatlantic", "rtt=90ms,jitter=4ms,loss=0.2%"},
	{"bloat", "rtt=20ms,jitter=2ms,buffer=300ms,up.bw=5mbit,down.bw=20mbit,down.load=10s/10s"},
}

// Help explains -net, for usage texts.
func Help() string {
	var b strings.Builder
	b.WriteString(help)
	b.WriteString("presets (others of the same -net replace what they say):")
	for _, p := range presets {
		fmt.Fprintf(&b, "\n  %-14s %s", p.name, p.text)
	}
	return b.String()
}

const help = `key=value pairs with commas between them; the conditions hold in each direction
  rtt=60ms          round trip; a message takes half of it
  jitter=20ms       and up to half of this more or less
  tail=50ms/1.5     a heavy-tailed delay besides (Pareto: scale/shape)
  stall=2%/300ms    2 % of the messages take 300 ms longer, and all behind them wait
  loss=1%           1 % of the packets are lost
  burst=0.5%/80ms   0.5 % of the time everything is lost, for 80 ms on average
  bw=5mbit          bits a second (bit, kbit, mbit, gbit)
  buffer=300ms      what would wait longer than this for those before it is lost
  load=10s/10s      somebody else's transfer fills the buffer from 10 s on, for 10 s
  over=datagrams    what carries the messages where packets are lost: datagrams that repeat what is not
                    acknowledged, or tcp, where a loss holds up everything behind it; by default what the
                    connection travels by when it begins (-transport quic: datagrams, else tcp)
  up.loss=2%        a direction by itself: up. is from the player to the relay, down. from it
  down.delay=40ms   (in a direction delay= takes the place of rtt=)
  drop=10s/2s       the connection breaks at 10 s and none is possible for 2 s
  skew=200          the player's clock runs 200 ppm fast
  seat=1            all this for one seat alone (0 is the first)
`
