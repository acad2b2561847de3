// SPDX-License-Identifier: GPL-3.0-or-later

// In place of Prometheus' own: the server without a description of its API.
package v1

import (
	"log/slog"
	"net/http"
)

type OpenAPIOptions struct {
	IncludePaths   []string
	ExternalURL    string
	Version        string
	MaxSearchLimit int
}

type OpenAPIBuilder struct{}

func NewOpenAPIBuilder(OpenAPIOptions, *slog.Logger) *OpenAPIBuilder { return nil }

func (*OpenAPIBuilder) WrapHandler(handler http.HandlerFunc) http.HandlerFunc { return handler }

func (*OpenAPIBuilder) ServeOpenAPI(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
