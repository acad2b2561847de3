// SPDX-License-Identifier: GPL-3.0-or-later

// In place of Prometheus' own: remote stores without the sign-on of Azure.
package azuread

import (
	"errors"
	"net/http"
)

type AzureADConfig struct{}

func NewAzureADRoundTripper(*AzureADConfig, http.RoundTripper) (http.RoundTripper, error) {
	return nil, errors.New("left out of this build")
}
