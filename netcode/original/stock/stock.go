//go:build !js

// Package stock installs the stock Socket.IO packages, in the versions of its lock file, for tests and
// benchmarks that play against them under node: socket.io, socket.io-client (4.8, and 4.7.2 as
// socket.io-client-472) and socket.io-msgpack-parser.
package stock

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

//go:embed package.json package-lock.json
var lock embed.FS

// ErrNoNode tells that node or npm is missing.
var ErrNoNode = errors.New("node or npm is not installed")

// Install makes a folder with the packages and the files of scripts. The caller removes it.
func Install(ctx context.Context, scripts string) (dir string, err error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("%w: %w", ErrNoNode, err)
		}
	}
	if dir, err = os.MkdirTemp("", "stock-socketio-"); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	for _, files := range []error{os.CopyFS(dir, os.DirFS(scripts)), os.CopyFS(dir, lock)} {
		if files != nil {
			return "", files
		}
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	npm.Dir = dir
	if said, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w: %s", err, said)
	}
	return dir, nil
}

// Packages is a folder that a package's tests share, made when one of them needs it first.
type Packages struct {
	Scripts string // the folder whose files stand beside the packages

	once sync.Once
	dir  string
	err  error
}

// Dir installs the packages on the first call. Where they cannot be had it skips the test, or fails it
// where TANDEM_NEED_NODE is set.
func (p *Packages) Dir(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("plays against the stock packages under node: not with -short")
	}
	p.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		p.dir, p.err = Install(ctx, filepath.FromSlash(p.Scripts))
	})
	if p.err != nil {
		if os.Getenv("TANDEM_NEED_NODE") != "" {
			t.Fatalf("the stock packages are needed here: %v", p.err)
		}
		t.Skipf("the stock packages cannot be installed: %v", p.err)
	}
	return p.dir
}

// Remove deletes the folder, if there is one; for TestMain.
func (p *Packages) Remove() error {
	if p.dir == "" {
		return nil
	}
	return os.RemoveAll(p.dir)
}

// Run runs a package's tests, and deletes the folder; for a TestMain that does nothing else.
func (p *Packages) Run(m *testing.M) (code int) {
	code = m.Run()
	if err := p.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return code
}

// Node returns a command that runs a script of the folder. Its errors go to standard error, since what
// it prints is what the test reads.
func (p *Packages) Node(ctx context.Context, t testing.TB, script string, args ...string) *exec.Cmd {
	t.Helper()
	node := exec.CommandContext(ctx, "node", append([]string{script}, args...)...)
	node.Dir = p.Dir(t)
	node.Stderr = os.Stderr
	return node
}

// Last returns the last line of what a script has printed.
func Last(said []byte) string {
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	return lines[len(lines)-1]
}
