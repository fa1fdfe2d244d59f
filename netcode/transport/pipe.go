package transport

import "sync"

// pipeMessages bounds each direction of a pipe: two seconds of traffic at 128 messages a second.
// A socket's buffers hold more; Write blocks here as it does there.
const pipeMessages = 256

// Pipe returns the two ends of a connection in memory, with the default Options. It behaves as a
// network connection does: order, limits, timeouts, close codes and back-pressure.
func Pipe() (a, b Conn) { return PipeOptions(Options{}, Options{}) }

// PipeOptions is Pipe with Options for each end.
func PipeOptions(optsA, optsB Options) (a, b Conn) {
	optsA, optsB = optsA.withDefaults(), optsB.withDefaults()
	toA, toB := newInbox(pipeMessages, optsA.MaxMessage), newInbox(pipeMessages, optsB.MaxMessage)
	return &pipeEnd{in: toA, out: toB, opts: optsA, closed: make(chan struct{})},
		&pipeEnd{in: toB, out: toA, opts: optsB, closed: make(chan struct{})}
}

type pipeEnd struct {
	in   *inbox // what this end reads; it ends when the far end closes
	out  *inbox // the far end's in
	opts Options

	once   sync.Once
	closed chan struct{} // this end is closed
	err    error         // what this end's calls answer from then on; set before closed is closed
}

func (p *pipeEnd) Remote() string { return "pipe" }

// finish closes this end once: own is what its calls answer, far what the far end's do.
func (p *pipeEnd) finish(own, far error) {
	p.once.Do(func() {
		p.err = own
		p.out.end(far)
		close(p.closed)
	})
}

func (p *pipeEnd) Close(code Code, reason string) error {
	code, reason, err := goodbye(code, reason)
	p.finish(ErrClosed, &CloseError{Code: code, Reason: reason})
	return err
}

func (p *pipeEnd) Abort() { p.finish(ErrClosed, &CloseError{Code: CodeAbnormal}) }

func (p *pipeEnd) refuse(r refusal) error {
	p.finish(r.err, &CloseError{Code: r.code, Reason: r.reason})
	return p.err
}

func (p *pipeEnd) Read() ([]byte, error) {
	msg, ok, timedOut := p.in.take(p.opts.ReadTimeout, p.closed)
	switch {
	case timedOut:
		return nil, p.refuse(refuseSilence(p.opts.ReadTimeout))
	case !ok:
		return nil, p.reason()
	case len(msg) > p.opts.MaxMessage:
		return nil, p.refuse(refuseBig(p.opts.MaxMessage))
	}
	return msg, nil
}

func (p *pipeEnd) Write(data []byte) error {
	if err := p.reason(); err != nil {
		return err
	}
	ok, timedOut := p.out.putWait(data, p.opts.WriteTimeout, p.closed, p.in.ended)
	switch {
	case timedOut:
		p.finish(writeTimedOut(p.opts.WriteTimeout), &CloseError{Code: CodeAbnormal})
		return p.err
	case !ok:
		return p.reason()
	}
	return nil
}

// reason is why the pipe is over, nil while it is not. What this end did comes first.
func (p *pipeEnd) reason() error {
	select {
	case <-p.closed:
		return p.err
	default:
	}
	select {
	case <-p.in.ended:
		return p.in.err
	default:
	}
	return nil
}
