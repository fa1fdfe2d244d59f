// Package lan announces relays on the local network and finds them there, by multicast DNS service
// discovery (RFC 6762, RFC 6763). Native programs only: a page in a browser cannot do either.
//
//	instance   HOST-PORT._tandem._tcp.local.
//	SRV, A, AAAA   where it listens: every address of the machine, by the interface that was asked on
//	TXT        v=1           protocol version
//	           name=…        what people call it
//	           tls=1         wss:// instead of ws://
//	           pin=…         names the certificate for datagrams, as it stands behind the # of an address
//
// Room codes are not announced: who is on a network may see that there is a relay, and needs the code
// to come in. What is heard is anybody's word, so texts are cut and cleaned, and the list is bounded.
package lan
