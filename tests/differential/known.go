// SPDX-License-Identifier: GPL-3.0-or-later
package main

import (
	"bytes"
	"regexp"
	"time"
	"unicode/utf8"
)

// A difference is a kind of text that the server reads and the product rejects.
type difference struct {
	name string
	// is says whether a text is of the kind; the reading is the server's of it.
	is func(text []byte, read reading) bool
}

var (
	newerName  = regexp.MustCompile(`[{,][ \t]*"|(HELP|TYPE)[ \t]+"|"[ \t]*"`)
	blankName  = regexp.MustCompile(`(^|\n)[ \t]+[^ \t\n#]`)
	ownMetric  = regexp.MustCompile(`(^|\n)[ \t]*exporter_proxy_|# (HELP|TYPE) exporter_proxy_`)
	windowOfIt = time.Hour
)

var differences = []difference{
	{
		// Servers before version 3 reject them, and so the page with all its applications.
		"a name in quotes, or a blank before a name, which only version 3 reads",
		func(text []byte, _ reading) bool { return newerName.Match(text) || blankName.Match(text) },
	},
	{
		// What is pushed is text; JSON has no other.
		"not UTF-8",
		func(text []byte, _ reading) bool { return !utf8.Valid(text) },
	},
	{
		// At the start of a line it ends the page for the server, which loses what follows without a word.
		"a NUL",
		func(text []byte, _ reading) bool { return bytes.IndexByte(text, 0) >= 0 },
	},
	{
		// The samples of this prefix are the proxy's own.
		"the proxy's own metrics",
		func(text []byte, _ reading) bool { return ownMetric.Match(text) },
	},
	{
		// The server reads such a sample and does not store it: far from now it is outside the window of its head.
		"a time far from now",
		func(_ []byte, read reading) bool {
			now := time.Now()
			for _, sample := range read {
				if sample.hasTime && now.Sub(time.UnixMilli(sample.time)).Abs() > windowOfIt {
					return true
				}
			}
			return false
		},
	},
}

func knownDifference(text []byte, read reading) bool {
	for _, difference := range differences {
		if difference.is(text, read) {
			return true
		}
	}
	return false
}
