// Command tests runs `go test` with its arguments, shows what fails and how long
// each package takes, and ends with the count of skipped tests, of which there
// must be none.
//
//	go run .ci/tests.go -timeout 60m ./...
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// event is a line of `go test -json`.
type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

func main() {
	cmd := exec.Command("go", append([]string{"test", "-json"}, os.Args[1:]...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "run go test:", err)
		os.Exit(1)
	}
	skips := 0
	said := map[string]*strings.Builder{} // by package and test, until it ends
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			os.Stdout.Write(line)
			continue
		}
		key := e.Package + e.ImportPath + " " + e.Test
		if said[key] == nil {
			said[key] = &strings.Builder{}
		}
		switch e.Action {
		case "output", "build-output":
			said[key].WriteString(e.Output)
			continue
		case "fail", "build-fail":
			fmt.Print(said[key])
		case "pass":
		case "skip":
			// A package without tests is no skip, nor an input that a fuzz
			// target passes over.
			if e.Test == "" || strings.HasPrefix(e.Test, "Fuzz") {
				break
			}
			skips++
			fmt.Printf("skipped: %s %s\n%s", e.Package, e.Test, said[key])
		default:
			continue
		}
		delete(said, key)
		if e.Test == "" && e.Action != "skip" {
			fmt.Printf("%-4s  %6.1fs  %s\n", e.Action, e.Elapsed, e.Package+e.ImportPath)
		}
	}
	failed := cmd.Wait() != nil
	fmt.Printf("%d skipped\n", skips)
	if failed || skips > 0 {
		os.Exit(1)
	}
}
