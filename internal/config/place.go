package config

import (
	"fmt"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// places returns where each table and each value of a document stands, by a
// path such as "unit[1].database": the decoder gives no places for what it
// could decode. Of an array of tables each has its number; what stands in a
// value has no place of its own.
func places(text string) map[string]diag.Place {
	found := map[string]diag.Place{}
	statements, err := tomltext.Scan(text)
	if err != nil {
		return found
	}
	count := map[string]int{} // of the tables of an array so far, by its path
	for _, s := range statements {
		path := ""
		for i, key := range s.Path {
			path = strings.TrimPrefix(path+"."+key, ".")
			if s.Kind == tomltext.Header && i == len(s.Path)-1 && strings.HasPrefix(strings.TrimLeft(text[s.Start:], " \t"), "[[") {
				count[path]++
			}
			if n := count[path]; n > 0 {
				path = fmt.Sprintf("%s[%d]", path, n-1)
			}
		}
		switch s.Kind {
		case tomltext.Header:
			line := strings.TrimRight(text[s.Start:s.End], " \t\r\n")
			found[path] = diag.Span(FileName, text, s.Start, s.Start+len(line))
		case tomltext.KeyValue:
			found[path] = diag.Span(FileName, text, s.ValueStart, s.ValueEnd)
		}
	}
	return found
}
