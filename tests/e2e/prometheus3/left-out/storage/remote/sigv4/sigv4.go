// SPDX-License-Identifier: GPL-3.0-or-later

// In place of Prometheus' own: remote stores without the sign-on of AWS.
package sigv4

import (
	"errors"
	"net/http"
)

type SigV4Config struct{}

func NewSigV4RoundTripper(*SigV4Config, http.RoundTripper) (http.RoundTripper, error) {
	return nil, errors.New("left out of this build")
}
