//go:build !js

// Package nginx runs a real nginx for the tests of what stands behind one.
package nginx

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// NeedEnv names the variable that, when set, makes a missing nginx a failure: where everything is to be tested.
const NeedEnv = "TANDEM_NEED_NGINX"

// patience bounds the start; it decides nothing else.
const patience = 30 * time.Second

// Start runs nginx with what stands in its http block until the test ends; {{address}} there is where
// it listens. It returns that address, HOST:PORT, and skips the test where there is no nginx.
func Start(t *testing.T, http string) (address string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil { // Debian has it where only root looks
		program, err = exec.LookPath("/usr/sbin/nginx")
	}
	if err != nil {
		if os.Getenv(NeedEnv) != "" {
			t.Fatal("there is no nginx: make test STAGE=packages installs it")
		}
		t.Skip("there is no nginx: nothing is tested behind it")
	}
	for range 3 { // another program may take the port that was free
		if address, err = start(t, program, http); err == nil {
			return address
		}
	}
	t.Fatal(err)
	return ""
}

func start(t *testing.T, program, http string) (address string, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address = ln.Addr().String()
	if err := ln.Close(); err != nil {
		return "", err
	}
	dir := t.TempDir()
	config := `daemon off; master_process off; pid nginx.pid; error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
` + strings.ReplaceAll(http, "{{address}}", address) + "\n}\n"
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return "", err
	}
	var said bytes.Buffer
	cmd := exec.Command(program, "-p", dir, "-c", file, "-e", "stderr")
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return "", err
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed, or says why it ends
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-done
	})
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case <-done:
			return "", fmt.Errorf("nginx ended: %s", said.String())
		default:
		}
		if answers(address) {
			return address, nil
		}
	}
	return "", fmt.Errorf("nginx does not answer at %s", address)
}

func answers(address string) bool {
	resp, err := http.Get("http://" + address + "/")
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil
}
