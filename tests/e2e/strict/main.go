// SPDX-License-Identifier: GPL-3.0-or-later

// Reads a page on standard input with expfmt, the reader of the client libraries, and prints how many families it has.
package main

import (
	"fmt"
	"os"

	"github.com/prometheus/common/expfmt"
)

func main() {
	families, err := new(expfmt.TextParser).TextToMetricFamilies(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(len(families))
}
