//go:build mage

// Build automation around sqlx's offline query data.
package main

import (
	// mage:import
	_ "github.com/sqlxmage/sqlxmage/targets"
)
