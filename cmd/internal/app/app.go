package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// Version is the programs' version; the protocol has one of its own.
const Version = "0.1.0"

// DefaultPort is where a relay listens and where peers look for one.
const DefaultPort = transport.DefaultPort

// TransportHelp explains the flag -transport.
const TransportHelp = "what messages travel by, `auto|ws|quic`: a WebSocket, and datagrams (UDP, the relay's port) as soon as the line\nloses something; a WebSocket alone; datagrams alone"

// Exit codes: 1 for what went wrong in play, 2 for what the user can put right on the command line
// or the machine, 3 for data that are right as far as they go, but not whole.
const (
	ExitFailed  = 1
	ExitUsage   = 2
	ExitPartial = 3
)

// Program is a command's name with its version, as peers and relays log it.
func Program(name string) string { return name + " " + Version }

// Words is a flag that may be given several times.
type Words []string

// String joins the words.
func (w *Words) String() string { return strings.Join(*w, " ") }

// Set adds one, or several separated by spaces.
func (w *Words) Set(s string) error {
	*w = append(*w, strings.Fields(s)...)
	return nil
}

// UsageError is one the user can put right.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// PartialError is that of data which are right as far as they go, but not whole.
type PartialError struct{ Err error }

func (e *PartialError) Error() string { return e.Err.Error() }
func (e *PartialError) Unwrap() error { return e.Err }

// Parse reads the command line. The error of a wrong flag is one sentence; -h prints the usage, -version
// what program this is, and both answer flag.ErrHelp.
func Parse(fs *flag.FlagSet, args []string, usage string, out io.Writer) error {
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	if fs.Lookup(versionFlag) == nil {
		fs.Bool(versionFlag, false, "print the name and version of this program, and exit")
	}
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(out, usage)
		fs.SetOutput(out)
		fs.PrintDefaults()
		return flag.ErrHelp
	}
	if err != nil {
		return Usagef("%v; %s -h lists what there is", err, fs.Name())
	}
	if fs.Lookup(versionFlag).Value.String() == "true" {
		fmt.Fprintln(out, about(fs.Name()))
		return flag.ErrHelp
	}
	if fs.NArg() > 0 {
		return Usagef("%q is not a flag; %s -h lists what there is", fs.Arg(0), fs.Name())
	}
	return nil
}

const versionFlag = "version"

// about is a program's name and version, for a person who reports a fault: which protocol it speaks, what it
// was built from and by, and for what.
func about(name string) string {
	s := fmt.Sprintf("%s (protocol %d", Program(name), protocol.Version)
	if info, ok := debug.ReadBuildInfo(); ok {
		commit, changed := "", ""
		for _, b := range info.Settings {
			switch {
			case b.Key == "vcs.revision":
				commit = ", commit " + b.Value[:min(12, len(b.Value))]
			case b.Key == "vcs.modified" && b.Value == "true":
				changed = " with changes"
			}
		}
		s += commit + changed
	}
	return s + fmt.Sprintf(", %s, %s/%s)", runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// Given returns the names of the flags on the command line.
func Given(fs *flag.FlagSet) map[string]bool {
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	return given
}

// Main runs a command until it ends or is interrupted, says in one sentence what went wrong, and
// returns the exit code.
func Main(name string, run func(ctx context.Context, args []string) error) int {
	err := Run(run, os.Args[1:])
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", name, Sentence(err))
	var usage *UsageError
	var partial *PartialError
	switch {
	case errors.As(err, &usage):
		return ExitUsage
	case errors.As(err, &partial):
		return ExitPartial
	}
	return ExitFailed
}

// Run runs a command until it ends or is interrupted. Having asked for help is no error.
func Run(run func(ctx context.Context, args []string) error, args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Who interrupts a second time does not want to wait for goodbyes.
	context.AfterFunc(ctx, stop)
	if err := guarded(ctx, run, args); !errors.Is(err, flag.ErrHelp) {
		return err
	}
	return nil
}

// guarded turns a panic into an error with its place, so that even a fault of the program ends in a
// sentence.
func guarded(ctx context.Context, run func(ctx context.Context, args []string) error, args []string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("a fault of this program: %v\n%s", v, debug.Stack())
		}
	}()
	return run(ctx, args)
}

// Sentence writes an error on one line, with a full stop.
func Sentence(err error) string {
	s := strings.TrimSpace(err.Error())
	if s != "" && !strings.HasSuffix(s, ".") && !strings.Contains(s, "\n") {
		s += "."
	}
	return s
}

// Log returns the logger of a command: warnings only, everything with verbose.
func Log(verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	l := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	// What libraries say by the standard logger is for those who want to know everything.
	log.SetFlags(0)
	log.SetOutput(slog.NewLogLogger(l.Handler(), slog.LevelDebug).Writer())
	return l
}
