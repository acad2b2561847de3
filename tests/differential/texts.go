// SPDX-License-Identifier: GPL-3.0-or-later
package main

import (
	"bytes"
	"math/rand/v2"
)

// Texts as they should be; what is tried is made of their lines.
var seeds = []string{
	"# HELP requests_total How many requests there were.\n# TYPE requests_total counter\n" +
		"requests_total{code=\"200\",method=\"get\"} 1027\n" +
		"requests_total{code=\"404\",path=\"C:\\\\a \\\"b\\\"\\n\"} 3 \n\nother 1\n",
	"# TYPE duration_seconds summary\nduration_seconds{quantile=\"0.5\"} 0.0235\nduration_seconds{quantile=\"1\"} 2\n" +
		"duration_seconds_sum 1.7560473e+07\nduration_seconds_count 2693\n# a comment\ntemperature -Inf\n",
	"# HELP h A histogram.\n# TYPE h histogram\nh_bucket{le=\"0.1\"} 1\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\n" +
		"h_sum 1.5\nh_count 3\n# TYPE other gauge\nother{a=\"b\"} NaN\n",
	"# TYPE jobs counter\njobs_total{queue=\"a\"} 5 # {trace_id=\"1\"} 1\n# TYPE build info\nbuild_info{v=\"1\"} 1\n# EOF\n",
	"# TYPE r gauge\nr{a=\"b\"} 2 1520879607.5\n# TYPE s summary\n# UNIT s seconds\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 2\ns_created 3\n# EOF\n",
	"a 1 1520879607000\nb{instance=\"\"} 2\n:c:d 1e3\nlabel{l=\"漢字 😀\"} 1\n",
	"# TYPE h histogram\nh_bucket{x=\"1\",le=\"2\"} -1\nh_bucket{le=\"+Inf\",x=\"1\"} 2\nh_count{x=\"1\"} -2\nh_sum{x=\"1\"} 1\n",
}

var pieces = []string{
	" ", "\t", "\n", "\r\n", "\r", "{", "}", "\"", "\\", "\\n", "\\\"", ",", "=", "#", "# ", "# HELP ", "# TYPE h ", "# EOF\n", "# UNIT a s\n",
	"1", "-", "+", ".", "e", "_", ":", "x", "a=\"b\"", "a=\"\"", "{a=\"b\"}", "le=\"1\"", "le=\"1.0\"", "NaN", "Inf", "1e309", "0x1", "1_0",
	"counter", "gauge", "histogram", "summary", "untyped", "info", "unknown", " 5", " # {} 1", "\u00e4", "größe 1\n", " -5", "\xff", "\x00", "\x01", "\xef\xbb\xbf",
	"__name__", "exporter_proxy_x 1\n", "h_bucket 1\n", "h_sum 1\n", "h_count 1\n",
}

// A mutator makes texts that are almost as they should be.
type mutator struct {
	chance *rand.Rand
}

func newMutator(seed uint64) *mutator {
	return &mutator{rand.New(rand.NewPCG(seed, 0))}
}

func (m *mutator) text() []byte {
	text := m.lines()
	if m.chance.IntN(3) == 0 {
		text = append(text, m.lines()...)
	}
	for range m.chance.IntN(3) {
		at := m.chance.IntN(len(text) + 1)
		until := min(len(text), at+m.chance.IntN(12))
		piece := []byte(pieces[m.chance.IntN(len(pieces))])
		switch m.chance.IntN(6) {
		case 0:
			text = replaced(text, at, min(len(text), at+1), nil)
		case 1:
			text = replaced(text, at, until, nil)
		case 2:
			text = replaced(text, at, until, piece)
		case 3:
			text = replaced(text, at, at, text[at:until])
		default:
			text = replaced(text, at, at, piece)
		}
	}
	return text
}

// lines returns some consecutive lines of a seed.
func (m *mutator) lines() []byte {
	lines := bytes.SplitAfter([]byte(seeds[m.chance.IntN(len(seeds))]), []byte("\n"))
	begin := m.chance.IntN(len(lines))
	end := min(len(lines), begin+1+m.chance.IntN(6))
	return bytes.Join(lines[begin:end], nil)
}

func replaced(text []byte, begin, end int, by []byte) []byte {
	return bytes.Join([][]byte{text[:begin], by, text[end:]}, nil)
}
