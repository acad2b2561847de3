// SPDX-License-Identifier: GPL-3.0-or-later

// In place of Prometheus' own: remote stores without the sign-on of Google.
package googleiam

import (
	"errors"
	"net/http"
)

type Config struct{}

func NewRoundTripper(*Config, http.RoundTripper) (http.RoundTripper, error) {
	return nil, errors.New("left out of this build")
}
