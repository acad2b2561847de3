// SPDX-License-Identifier: GPL-3.0-or-later
module exporter-proxy/tests/strict

go 1.19

require github.com/prometheus/common v0.42.0

require (
	github.com/golang/protobuf v1.5.2 // indirect
	github.com/matttproud/golang_protobuf_extensions v1.0.4 // indirect
	github.com/prometheus/client_model v0.3.0 // indirect
	google.golang.org/protobuf v1.28.1 // indirect
)
