package main

import (
	_ "github.com/prometheus/common/expfmt"
	_ "github.com/prometheus/prometheus/model/textparse"
)

func main() {}
