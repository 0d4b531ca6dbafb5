package suite

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// fileKinds counts the unit's query files by the kind of database that they say
// they are for, of the kinds for which there are drivers.
func (u *unit) fileKinds(drivers []database.Kind) (map[database.Kind]int, error) {
	set, err := sqlxdata.ReadSet(u.data())
	if err != nil {
		return nil, err
	}
	counts := map[database.Kind]int{}
	for _, data := range set {
		if file, err := sqlxdata.Decode(data); err == nil && slices.Contains(drivers, database.KindNamed(file.DBName)) {
			counts[database.KindNamed(file.DBName)]++
		}
	}
	return counts, nil
}

// mixed is the error of a unit with query files of several kinds where nothing
// says which queries are for which database: one of them alone would take the
// others' files away, and its migrations are not theirs.
func (v *variant) mixed(ctx context.Context, counts map[database.Kind]int) error {
	packages, err := v.packages(ctx)
	if err != nil {
		return err
	}
	features := map[database.Kind]string{} // by the kind whose driver they enable
	for _, p := range packages {
		for feature, values := range p.Features {
			for kind := range counts {
				enables := slices.ContainsFunc(values, func(value string) bool { return strings.HasSuffix(value, "/"+string(kind)) })
				if old, ok := features[kind]; enables && feature != "default" && (!ok || feature < old) {
					features[kind] = feature
				}
			}
		}
	}
	var files, databases, variants []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		files = append(files, fmt.Sprintf("%d for %s", counts[kind], kind.DBName()))
		name := string(kind)
		if i := slices.IndexFunc(v.run.file.Databases, func(d config.Database) bool { return d.Kind == kind }); i >= 0 {
			name = v.run.file.Databases[i].Name
		} else {
			databases = append(databases, fmt.Sprintf("[[database]]\nname = %q\nkind = %q\nmigrations = \"path/to/migrations\"\n", name, kind))
		}
		args := "[]  # with which the queries are for " + kind.DBName()
		if feature := features[kind]; feature != "" {
			args = fmt.Sprintf("[\"--features\", %q]", feature)
		}
		variants = append(variants, fmt.Sprintf("[[unit.variant]]\ncargo-args = %s\ndatabase = %q\n", args, name))
	}
	lines := append(databases, fmt.Sprintf("[[unit]]\npath = %q\n", v.path))
	return config.Errorf("unit %s: its `.sqlx` holds query files of several kinds (%s), and sqlx has drivers for all of them%s; "+
		"delete the files of a kind that is gone, or say in %s which are made how:\n\n%s",
		v.path, strings.Join(files, ", "), v.ambient(), config.FileName, strings.Join(append(lines, variants...), "\n"))
}

// ambient says which kind of database sqlx itself would have taken, by the
// nearest `.env`; "" where that says nothing.
func (u *unit) ambient() string {
	for dir := u.dir; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, ".env")
		if data, err := os.ReadFile(path); err == nil {
			match := envURL.FindSubmatch(data)
			if match == nil {
				return ""
			}
			kind, known := database.KindOf(string(match[1]))
			if !known {
				return ""
			}
			return fmt.Sprintf(" (DATABASE_URL in %s, which sqlx itself would follow and this program does not, is for %s)", u.run.relative(path), kind)
		}
		if dir == u.run.file.Root || dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// envURL is the line of a `.env` that sets the variable.
var envURL = regexp.MustCompile(`(?m)^[ \t]*(?:export[ \t]+)?DATABASE_URL[ \t]*=[ \t]*["']?([^\s"']+)`)
