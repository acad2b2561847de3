// SPDX-License-Identifier: GPL-3.0-or-later
package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// A sample is a value, and the time that the text gives it.
type sample struct {
	value   uint64 // the bits; a NaN is equal to itself
	hasTime bool
	time    int64
}

// A reading is what the server gets from a page: the first sample of each series, by the labels.
type reading map[string]sample

// scrape reads a page as the server does (scrape/scrape_append_v2.go): any error fails the page. With OpenMetrics, as it does
// with a page of that type.
func scrape(page []byte, isOpenMetrics bool) (reading, error) {
	var parser textparse.Parser
	if isOpenMetrics {
		parser = textparse.NewOpenMetricsParser(page, labels.NewSymbolTable())
	} else {
		parser = textparse.NewPromParser(bytes.Clone(page), labels.NewSymbolTable(), false)
	}
	result := reading{}
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return result, nil
		}
		if err != nil {
			return nil, err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		_, time, value := parser.Series()
		var read labels.Labels
		parser.Labels(&read)
		// A label without a value is none; the builder is what the server passes every sample through.
		series := labels.NewBuilder(read).Labels()
		if !series.Has(model.MetricNameLabel) {
			return nil, errors.New("no metric name")
		}
		if !series.IsValid(model.UTF8Validation) {
			return nil, fmt.Errorf("invalid name or label names: %s", series)
		}
		if name, isTwice := series.HasDuplicateLabelNames(); isTwice {
			return nil, fmt.Errorf("label %q twice", name)
		}
		got := sample{value: math.Float64bits(value)}
		if time != nil {
			got.hasTime, got.time = true, *time
		}
		if _, isThere := result[series.String()]; !isThere {
			result[series.String()] = got
		}
	}
}

// readStrictly reads a page as promtool and the client libraries do.
func readStrictly(page []byte) error {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	_, err := parser.TextToMetricFamilies(bytes.NewReader(page))
	return err
}

// repaired is the text without what quarantine removes: a byte-order mark, and the CR of each CR LF and at the end.
func repaired(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.TrimSuffix(text, []byte("\r"))
}

// isOpenMetrics says whether a text is marked as OpenMetrics, which the product converts: by `# EOF` as its last line.
func isOpenMetrics(text []byte) bool {
	trimmed := trimmedEnd(text)
	return string(trimmed) == "# EOF" || bytes.HasSuffix(trimmed, []byte("\n# EOF"))
}

// trimmedEnd is the text without blanks and empty lines at its end, which the server does not read behind `# EOF`.
func trimmedEnd(text []byte) []byte {
	return bytes.TrimRight(text, " \t\r\n")
}

// alike writes the bounds of histograms and summaries in one way, because the server writes those of known families anew.
func alike(series string) string {
	for _, name := range []string{`le="`, `quantile="`} {
		begin := strings.Index(series, name)
		if begin < 0 {
			continue
		}
		begin += len(name)
		end := begin + strings.IndexByte(series[begin:], '"')
		if value, err := strconv.ParseFloat(series[begin:end], 64); err == nil {
			series = series[:begin] + strconv.FormatFloat(value, 'g', -1, 64) + series[end:]
		}
	}
	return series
}

// alikeAll returns the samples by the labels as alike() writes them, in one order.
func alikeAll(read reading) map[string][]sample {
	result := map[string][]sample{}
	for series, sample := range read {
		result[alike(series)] = append(result[alike(series)], sample)
	}
	for _, samples := range result {
		slices.SortFunc(samples, func(a, b sample) int { return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.time, b.time)) })
	}
	return result
}
