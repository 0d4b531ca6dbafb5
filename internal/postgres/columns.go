package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const columnQuery = `SELECT json_build_array(a.attrelid::int8, a.attnum, a.attnotnull, a.attrelid::regclass::text, a.attname)
FROM (VALUES %s) AS v (relation, number)
JOIN pg_catalog.pg_attribute a ON a.attrelid = v.relation::oid AND a.attnum = v.number`

// lookUp reads what the statements' types and columns are into the session's
// memory.
func (s *Session) lookUp(ctx context.Context, statements []*statement) error {
	oids, columns := map[uint32]bool{}, map[columnKey]bool{}
	for _, st := range statements {
		if st.result.Err != nil {
			continue
		}
		for _, oid := range st.ParamOIDs {
			oids[oid] = true
		}
		for _, field := range st.Fields {
			oids[field.DataTypeOID] = true
			columns[columnKey{field.TableOID, int16(field.TableAttributeNumber)}] = true
		}
	}
	if err := s.loadTypes(ctx, oids); err != nil {
		return err
	}
	return s.loadColumns(ctx, columns)
}

func (s *Session) loadColumns(ctx context.Context, keys map[columnKey]bool) error {
	var ask []string
	for key := range keys {
		if _, known := s.columns[key]; !known && key.table != 0 && key.number != 0 {
			ask = append(ask, fmt.Sprintf("(%d::int8, %d)", key.table, key.number))
		}
	}
	if len(ask) == 0 {
		return nil
	}
	slices.Sort(ask) // the same question for the same statements
	rows, err := s.texts(ctx, fmt.Sprintf(columnQuery, strings.Join(ask, ", ")))
	if err != nil {
		return fmt.Errorf("read the catalogue of columns: %w", err)
	}
	for _, text := range rows {
		var key columnKey
		var c column
		if err := json.Unmarshal(text, &[]any{&key.table, &key.number, &c.notNull, &c.table, &c.name}); err != nil {
			return fmt.Errorf("read the catalogue of columns: %w", err)
		}
		s.columns[key] = c
	}
	return nil
}
