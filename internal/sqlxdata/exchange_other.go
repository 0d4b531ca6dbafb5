//go:build !linux && !darwin

package sqlxdata

import "errors"

func exchange(a, b string) error { return errors.ErrUnsupported }
