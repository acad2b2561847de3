// SPDX-License-Identifier: GPL-3.0-or-later
package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// A trial puts texts to two daemons and to the readers.
type trial struct {
	quarantine *daemon
	merging    *daemon
	counts     counts
}

type counts struct {
	texts, accepted, rejected, different, merged int
}

func (c counts) String() string {
	return fmt.Sprintf("%d texts: %d accepted, %d rejected, %d of these for a known difference; %d merged pages",
		c.texts, c.accepted, c.rejected, c.different, c.merged)
}

func newTrial(binary string) (*trial, error) {
	quarantine, err := startDaemon(binary, "[exposition]\nvalidation = \"quarantine\"\n")
	if err != nil {
		return nil, err
	}
	merging, err := startDaemon(binary, "[exposition]\nmode = \"merge\"\n")
	if err != nil {
		return nil, errors.Join(err, quarantine.stop())
	}
	return &trial{quarantine: quarantine, merging: merging}, nil
}

func (t *trial) stop() error {
	return errors.Join(t.quarantine.stop(), t.merging.stop())
}

// check returns what is wrong with what the daemons make of the texts, which are an application each.
func (t *trial) check(texts [][]byte) error {
	for _, text := range texts {
		if err := t.checkQuarantine(text); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
	}
	if err := t.checkMerged(texts); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

func (t *trial) checkQuarantine(text []byte) error {
	t.counts.texts++
	rejection, err := t.quarantine.push("app", text)
	if err != nil {
		return err
	}
	whole := repaired(text)
	isConverted := isOpenMetrics(whole)
	if isConverted {
		whole = append(bytes.Clone(trimmedEnd(whole)), '\n')
	}
	expected, serverErr := scrape(whole, isConverted)
	if rejection != "" {
		t.counts.rejected++
		if serverErr == nil {
			if !knownDifference(whole, expected) {
				return fmt.Errorf("the server reads a text that is rejected: %s", rejection)
			}
			t.counts.different++
		}
		return nil
	}
	t.counts.accepted++
	page, err := t.quarantine.page()
	if err != nil {
		return err
	}
	read, err := scrape(page, false)
	if err != nil {
		return fmt.Errorf("the server rejects the page %q: %w", page, err)
	}
	if serverErr != nil {
		if isConverted {
			return nil // the conversion accepts more than the server's reader of OpenMetrics
		}
		return fmt.Errorf("the server rejects a text that is accepted: %w", serverErr)
	}
	isSame := maps.Equal(expected, read)
	if isConverted { // the two readers write bounds in different ways
		isSame = maps.EqualFunc(alikeAll(expected), alikeAll(read), slices.Equal)
	}
	if !isSame {
		return fmt.Errorf("the server reads %v from the text and %v from the page", expected, read)
	}
	return nil
}

func (t *trial) checkMerged(texts [][]byte) error {
	if err := t.merging.forget(len(texts)); err != nil {
		return err
	}
	sent := map[string][]sample{}
	var first reading
	isConverted := false
	for i, text := range texts {
		rejection, err := t.merging.push(fmt.Sprintf("app%d", i), text)
		if err != nil {
			return err
		}
		if rejection != "" {
			continue
		}
		read, err := scrape(repaired(text), false)
		// What merging takes out of a text of OpenMetrics, and how it names the rest, is not repeated here.
		isConverted = isConverted || err != nil || isOpenMetrics(text)
		for series, sample := range read {
			sent[alike(series)] = append(sent[alike(series)], sample)
		}
		if i == 0 {
			first = read
		}
	}
	page, err := t.merging.page()
	if err != nil {
		return err
	}
	t.counts.merged++
	read, err := scrape(page, false)
	if err != nil {
		return fmt.Errorf("the server rejects the page %q: %w", page, err)
	}
	if err := readStrictly(page); err != nil {
		return fmt.Errorf("the client libraries' reader rejects the page %q: %w", page, err)
	}
	if isConverted {
		return nil
	}
	shown := map[string][]sample{}
	for series, sample := range read {
		shown[alike(series)] = append(shown[alike(series)], sample)
		if !slices.Contains(sent[alike(series)], sample) {
			return fmt.Errorf("the page %q has a sample of %s that no text has", page, series)
		}
	}
	for series, sample := range first {
		if !slices.Contains(shown[alike(series)], sample) {
			return fmt.Errorf("the page %q has not %s as the first application has it", page, series)
		}
	}
	return nil
}
