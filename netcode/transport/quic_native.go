//go:build !js

package transport

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

const (
	// quicName is what both ends call what they speak in TLS's handshake (ALPN).
	quicName = "tandem-datagrams"

	// quicIdle is when a QUIC connection without a sign of life is over, quicAlive how often there is one.
	quicIdle  = 20 * time.Second
	quicAlive = 5 * time.Second
	// quicWindow is what may wait in a stream: a message and its head several times; repeat bounds what is
	// under way in any case.
	quicWindow = 64 << 10

	// What a QUIC connection ends with, as far as QUIC is concerned: all of it was said before, or not.
	quicDone  quic.ApplicationErrorCode = 0
	quicAbort quic.ApplicationErrorCode = 1
)

func quicConfig(timeout time.Duration) *quic.Config {
	return &quic.Config{
		HandshakeIdleTimeout: timeout,
		MaxIdleTimeout:       quicIdle,
		KeepAlivePeriod:      quicAlive,
		EnableDatagrams:      true,
		Allow0RTT:            false, // what is sent before the handshake can be sent again by anybody
		// A program is opened none.
		MaxIncomingStreams: -1, MaxIncomingUniStreams: -1,
		// The smallest packets pass everywhere, and nothing here needs larger ones.
		InitialPacketSize: 1200, DisablePathMTUDiscovery: true,
		InitialStreamReceiveWindow: quicWindow, MaxStreamReceiveWindow: quicWindow,
		InitialConnectionReceiveWindow: quicWindow, MaxConnectionReceiveWindow: quicWindow,
	}
}

// listenConfig is quicConfig for a relay, to which pages come by HTTP/3 as well: that opens a request and
// one stream in it, and three more that only it reads. A program opens one stream, and more of them would do
// nothing but share quicWindow.
func listenConfig(timeout time.Duration) *quic.Config {
	cfg := quicConfig(timeout)
	cfg.MaxIncomingStreams, cfg.MaxIncomingUniStreams = 3, 6
	cfg.EnableStreamResetPartialDelivery = true // WebTransport ends streams by it
	return cfg
}

// quicLine is a QUIC connection with its one stream.
type quicLine struct {
	frames
	conn *quic.Conn
	free func() // releases what the connection needs
	once sync.Once
}

func newQUICLine(conn *quic.Conn, stream *quic.Stream, free func()) *quicLine {
	return &quicLine{frames: newFrames(stream), conn: conn, free: free}
}

func (q *quicLine) close(abort bool) {
	q.once.Do(func() {
		code := quicDone
		if abort {
			code = quicAbort
		}
		_ = q.conn.CloseWithError(code, "") // it is given up
		q.free()
	})
}

func (q *quicLine) datagram(packet []byte) { _ = q.conn.SendDatagram(packet) } // its reader hears that it is over

func (q *quicLine) losses() (sent, lost uint64) { return lossesOf(q.conn) }

// lossesOf tells what a QUIC connection counts. Its packets would count those that only acknowledge as sent, and a
// router's word that it is congested as a loss.
func lossesOf(conn *quic.Conn) (sent, lost uint64) {
	s := conn.ConnectionStats()
	return s.BytesSent, s.BytesLost
}

func (q *quicLine) hear() ([]byte, error) { return q.conn.ReceiveDatagram(q.conn.Context()) }

func (q *quicLine) over() <-chan struct{} { return q.conn.Context().Done() }

func (q *quicLine) carrier() string { return CarrierQUIC }

// dialQUIC connects to a relay's UDP port, which must show a certificate that cfg accepts.
func dialQUIC(ctx context.Context, to netip.AddrPort, id linkID, cfg *tls.Config, timeout time.Duration) (*quicLine, error) {
	// A socket that is bound to no address goes on when the way into the network changes.
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		return nil, err
	}
	tr := &quic.Transport{Conn: roaming{socket}}
	free := func() { _, _ = tr.Close(), socket.Close() } // it is given up
	conn, err := tr.Dial(ctx, net.UDPAddrFromAddrPort(to), cfg, quicConfig(timeout))
	if err != nil {
		free()
		return nil, err
	}
	q, err := introduce(ctx, conn, id, free)
	if err != nil {
		_ = conn.CloseWithError(quicAbort, "") // it is given up
		free()
	}
	return q, err
}

// introduce opens the stream and says whose connection this is.
func introduce(ctx context.Context, conn *quic.Conn, id linkID, free func()) (*quicLine, error) {
	if !conn.ConnectionState().SupportsDatagrams.Remote {
		return nil, errors.New("the far end takes no datagrams")
	}
	stream, err := conn.OpenStreamSync(ctx)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { stream.CancelRead(0) })()
	q := newQUICLine(conn, stream, free)
	if err := q.introduce(id); err != nil {
		return nil, err
	}
	return q, nil
}

// errOther is that of a certificate that is not the one that was announced.
var errOther = errors.New("the relay's certificate for datagrams is not the one it has announced")

// quicTLS is the client's TLS for datagrams: sum names the one certificate to trust; without one, the
// certificate is verified as that of a wss:// connection to host is.
func quicTLS(cfg *tls.Config, host, sum string) *tls.Config {
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg = cfg.Clone()
	cfg.MinVersion, cfg.NextProtos = tls.VersionTLS13, []string{quicName}
	if cfg.ServerName == "" {
		cfg.ServerName = host
	}
	if sum == "" {
		return cfg
	}
	// The sum takes the place of an authority; a name and dates say nothing beside it.
	cfg.InsecureSkipVerify = true
	cfg.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 || CertificateSum(s.PeerCertificates[0]) != sum {
			return errOther
		}
		return nil
	}
	return cfg
}

// CertificateSum is what a certificate is recognised by: its SHA-256 in hexadecimal digits.
func CertificateSum(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}
