package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bytecode"
)

// schema is what tables and indexes hold.
type schema struct {
	columns bytecode.Schema          // nil where sqlx cannot read it
	tables  map[bytecode.Root]string // names of the user's tables, by the pages of their own and of their indexes
	virtual []string
	filled  map[string]bool // by table
}

// Columns of tables, then of indexes, as root_block_columns of sqlx-sqlite
// 0.8.6 and 0.9.0 asks for them (connection/explain.rs). An index's column may
// be none of the table's: then it has no type, and may be NULL.
const columnsQuery = `
WITH roots AS (
	SELECT 1 AS db, type, name, tbl_name, rootpage FROM temp.sqlite_schema
	UNION ALL SELECT 0, type, name, tbl_name, rootpage FROM main.sqlite_schema
)
SELECT db, rootpage, roots.name, c.cid, c.type, c."notnull"
FROM roots JOIN pragma_table_info(roots.name) AS c WHERE roots.type = 'table'
UNION ALL
SELECT db, rootpage, roots.tbl_name, i.seqno, coalesce(c.type, ''), coalesce(c."notnull", 0)
FROM roots JOIN pragma_index_info(roots.name) AS i
LEFT JOIN pragma_table_info(roots.tbl_name) AS c ON c.cid = i.cid
WHERE roots.type = 'index'`

func readSchema(ctx context.Context, db *bundled.DB) (*schema, error) {
	s := &schema{tables: map[bytecode.Root]string{}, filled: map[string]bool{}}
	rows, err := db.Rows(ctx, columnsQuery)
	var refused *database.Error
	if errors.As(err, &refused) && refused.Code == "1" && !strings.Contains(refused.Message, "no such module") {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the database's schema: %w", err)
	}
	s.columns = bytecode.Schema{}
	for _, row := range rows {
		var numbers [4]int64
		for i, at := range []int{0, 1, 3, 5} {
			if numbers[i], err = strconv.ParseInt(row[at], 10, 64); err != nil {
				return nil, fmt.Errorf("read the database's schema: %w", err)
			}
		}
		root := bytecode.Root{Database: numbers[0], Page: numbers[1]}
		if root.Page == 0 {
			if name := row[2]; !slices.Contains(s.virtual, name) {
				s.virtual = append(s.virtual, name)
			}
			continue
		}
		if s.columns[root] == nil {
			s.columns[root] = map[int64]bytecode.Column{}
		}
		s.tables[root] = row[2]
		t, _ := bytecode.ParseType(row[4])
		n := bytecode.Yes
		if numbers[3] != 0 {
			n = bytecode.No
		}
		s.columns[root][numbers[2]] = bytecode.Column{Type: t, Nullable: n}
	}
	return s, nil
}

// rowsIn returns the name of a table with rows that a program reads, "" where
// there is none.
func (s *schema) rowsIn(ctx context.Context, db *bundled.DB, program []bundled.Opcode) (string, error) {
	for _, op := range program {
		var read []string
		switch op.Name {
		case "OpenRead":
			if name, known := s.tables[bytecode.Root{Database: op.P3, Page: op.P2}]; known {
				read = []string{name}
			}
		case "VOpen":
			read = s.virtual
		}
		for _, name := range read {
			filled, known := s.filled[name]
			if !known {
				rows, err := db.Rows(ctx, `SELECT 1 FROM "`+strings.ReplaceAll(name, `"`, `""`)+`" LIMIT 1`)
				if err != nil {
					return "", fmt.Errorf("look for rows in the table %s: %w", name, err)
				}
				filled = len(rows) > 0
				s.filled[name] = filled
			}
			if filled {
				return name, nil
			}
		}
	}
	return "", nil
}
