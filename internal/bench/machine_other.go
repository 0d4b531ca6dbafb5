//go:build !darwin

package bench

func systemMachine() (cpu string, memory int64) { return "", 0 }
