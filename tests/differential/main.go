// SPDX-License-Identifier: GPL-3.0-or-later

// Compares what exporter-proxy makes of mutated texts with what Prometheus' own readers make of them: model/textparse,
// which the server scrapes with, and expfmt, which promtool and the client libraries read with. It starts two daemons,
// one that checks texts (validation = "quarantine") and one that merges them. This must hold:
//
//   - A text that quarantine accepts is read by the server from the page, with the same samples.
//   - A text that the server rejects is rejected; a text that only the product rejects is one of the known differences.
//   - The same holds for a text of OpenMetrics, which the server reads as that and the page has converted.
//   - A merged page is read by both readers, each sample is one of the texts', and all of the first application's are
//     on it.
//
// The seed decides which texts are tried. A text that breaks a rule is written to a file, and its name is printed with
// the command that tries it again.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	binary := flag.String("binary", "", "the path of exporter-proxy")
	seconds := flag.Float64("seconds", 20, "how long to try texts")
	seed := flag.Uint64("seed", 1, "which texts to try")
	findings := flag.String("findings", os.TempDir(), "the folder for texts that break a rule")
	flag.Parse()
	if *binary == "" {
		fmt.Fprintln(os.Stderr, "usage: differential --binary PROGRAM [--seconds N] [--seed S] [--findings DIR] [FILE…]")
		os.Exit(2)
	}

	trial, err := newTrial(*binary)
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	status := 0
	if flag.NArg() > 0 {
		status = trial.files(flag.Args())
	} else {
		status = trial.random(*binary, *seed, *findings, time.Duration(*seconds*float64(time.Second)))
	}
	if err := trial.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		status = 1
	}
	os.Exit(status)
}

// files tries the texts of files, as one application each.
func (t *trial) files(names []string) int {
	texts := make([][]byte, 0, len(names))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			return 1
		}
		texts = append(texts, text)
	}
	if err := t.check(texts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("no rule is broken")
	return 0
}

// random tries pairs of mutated texts until the time is up, or a rule is broken.
func (t *trial) random(binary string, seed uint64, findings string, duration time.Duration) int {
	fmt.Printf("seed %d\n", seed)
	mutator := newMutator(seed)
	for end := time.Now().Add(duration); time.Now().Before(end); {
		texts := [][]byte{mutator.text(), mutator.text()}
		err := t.check(texts)
		if err == nil {
			continue
		}
		texts = t.reduced(texts)
		names := make([]string, len(texts))
		for i, text := range texts {
			names[i] = filepath.Join(findings, fmt.Sprintf("differential-%d-%d.prom", seed, i+1))
			if writeErr := os.WriteFile(names[i], text, 0o644); writeErr != nil {
				fmt.Fprintln(os.Stderr, "error:", writeErr)
			}
			fmt.Fprintf(os.Stderr, "%s: %q\n", names[i], text)
		}
		fmt.Fprintln(os.Stderr, t.check(texts))
		fmt.Fprintf(os.Stderr, "again: %s --binary %s %s\n", os.Args[0], binary, strings.Join(names, " "))
		return 1
	}
	fmt.Println(t.counts)
	// A run in which nearly all texts have the same fate has compared nothing.
	if t.counts.accepted < t.counts.texts/20 || t.counts.rejected < t.counts.texts/20 || t.counts.merged == 0 {
		fmt.Fprintln(os.Stderr, "error: too few texts of a kind were tried")
		return 1
	}
	return 0
}

// reduced takes lines away from the texts as long as a rule is broken without them.
func (t *trial) reduced(texts [][]byte) [][]byte {
	for i := range texts {
		for at := 0; ; {
			lines := bytes.SplitAfter(texts[i], []byte("\n"))
			if at >= len(lines) {
				break
			}
			shorter := append([][]byte{}, texts...)
			shorter[i] = bytes.Join(append(append([][]byte{}, lines[:at]...), lines[at+1:]...), nil)
			if len(shorter[i]) < len(texts[i]) && t.check(shorter) != nil {
				texts = shorter
			} else {
				at++
			}
		}
	}
	return texts
}
