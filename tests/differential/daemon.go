// SPDX-License-Identifier: GPL-3.0-or-later
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const patience = 30 * time.Second

// A daemon is a running exporter-proxy with a folder of its own.
type daemon struct {
	process *exec.Cmd
	folder  string
	socket  string
	base    string
	log     bytes.Buffer
}

func startDaemon(binary, exposition string) (*daemon, error) {
	folder, err := os.MkdirTemp("", "differential-")
	if err != nil {
		return nil, err
	}
	d := &daemon{folder: folder, socket: filepath.Join(folder, "push.sock")}
	// Another process may take the port before the daemon does.
	for range 5 {
		if err = d.start(binary, exposition); err == nil {
			return d, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(folder))
}

func (d *daemon) start(binary, exposition string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := listener.Addr().String()
	listener.Close()
	d.base = "http://" + address
	config := filepath.Join(d.folder, "config.toml")
	content := fmt.Sprintf("[exporter]\nscrape_expose_endpoint = %q\nself_metrics = false\n"+
		"[receiver]\nreceive_on_tcp_socket = false\nreceiver_unix_socket = %q\n%s", address, d.socket, exposition)
	if err := os.WriteFile(config, []byte(content), 0o600); err != nil {
		return err
	}
	d.log.Reset()
	d.process = exec.Command(binary, "--config", config, "--log-level", "error")
	d.process.Stdout, d.process.Stderr = &d.log, &d.log
	if err := d.process.Start(); err != nil {
		return err
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if response, err := http.Get(d.base + "/-/ready"); err == nil {
			response.Body.Close()
			return nil
		}
		if d.process.Process.Signal(syscall.Signal(0)) != nil {
			break
		}
	}
	return errors.Join(errors.New("the daemon does not serve"), d.end())
}

func (d *daemon) stop() error {
	return errors.Join(d.end(), os.RemoveAll(d.folder))
}

func (d *daemon) end() error {
	if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := d.process.Wait(); err != nil {
		return fmt.Errorf("the daemon: %w\n%s", err, d.log.String())
	}
	return nil
}

// push sends a text, and returns what the daemon answers: nothing if it has accepted it.
func (d *daemon) push(app string, text []byte) (string, error) {
	return d.send(fmt.Sprintf(`{"%s":"%s"}`, app, jsonString(text)))
}

// forget empties the texts of applications app0, app1, ….
func (d *daemon) forget(count int) error {
	for i := range count {
		if answer, err := d.push(fmt.Sprintf("app%d", i), nil); err != nil || answer != "" {
			return fmt.Errorf("an empty text: %s %w", answer, err)
		}
	}
	return nil
}

func (d *daemon) send(document string) (string, error) {
	connection, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: d.socket, Net: "unix"})
	if err != nil {
		return "", err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	_, _ = connection.Write([]byte(document)) // what is wrong with it says the answer
	_ = connection.CloseWrite()
	answer, err := io.ReadAll(connection)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		return "", err
	}
	return string(answer), nil
}

// page returns what a scrape without an Accept gets.
func (d *daemon) page() ([]byte, error) {
	response, err := http.Get(d.base + "/metrics")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/metrics answered %s", response.Status)
	}
	return io.ReadAll(response.Body)
}

// jsonString leaves bytes that are not UTF-8 as they are, which encoding/json does not.
func jsonString(text []byte) string {
	var out strings.Builder
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c < 0x20:
			fmt.Fprintf(&out, "\\u%04x", c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
