// Identity prints a key of a conclusion: two programs that print the same would
// believe each other.
package main

import (
	"fmt"
	"os"

	"github.com/sqlxmage/sqlxmage/internal/kept"
)

// behaviour stands for what a program does differently from another one.
var behaviour = "one"

func main() {
	fmt.Println(kept.Conclusion("test"))
	fmt.Fprintln(os.Stderr, behaviour)
}
