package sqlxdata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Decode reads a query file's content. The content of types is kept as JSON;
// what sqlx does not write is ignored, as sqlx ignores it.
func Decode(data []byte) (*File, error) {
	var raw struct {
		DBName   *string `json:"db_name"`
		Query    *string `json:"query"`
		Describe *struct {
			Columns []struct {
				Ordinal int             `json:"ordinal"`
				Name    string          `json:"name"`
				Type    json.RawMessage `json:"type_info"`
				Origin  json.RawMessage `json:"origin"`
			} `json:"columns"`
			Parameters *struct {
				Left  []json.RawMessage `json:"Left"`
				Right *int              `json:"Right"`
			} `json:"parameters"`
			Nullable []*bool `json:"nullable"`
		} `json:"describe"`
		Hash *string `json:"hash"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, placed(data, err)
	}
	if raw.DBName == nil || raw.Query == nil || raw.Describe == nil || raw.Hash == nil {
		return nil, errors.New("db_name, query, describe or hash is absent")
	}
	f := &File{DBName: *raw.DBName, Query: *raw.Query, Hash: *raw.Hash}
	f.Describe.Nullable = raw.Describe.Nullable
	for _, column := range raw.Describe.Columns {
		origin, err := decodeOrigin(column.Origin)
		if err != nil {
			return nil, fmt.Errorf("column %d: %w", column.Ordinal, err)
		}
		f.Describe.Columns = append(f.Describe.Columns, Column{
			Ordinal: column.Ordinal, Name: column.Name, Type: compact(column.Type), Origin: origin,
		})
	}
	if p := raw.Describe.Parameters; p != nil {
		f.Describe.Parameters = &Parameters{}
		if p.Right != nil {
			f.Describe.Parameters.Count = *p.Right
		} else {
			f.Describe.Parameters.Types = []TypeInfo{}
			for _, t := range p.Left {
				f.Describe.Parameters.Types = append(f.Describe.Parameters.Types, compact(t))
			}
		}
	}
	return f, nil
}

// DecodeNamed decodes the content of the query file of the given hash and
// checks that both its hash and its text agree with it.
func DecodeNamed(hash string, data []byte) (*File, error) {
	f, err := Decode(data)
	if err != nil {
		return nil, err
	}
	if f.Hash != hash {
		return nil, fmt.Errorf("its hash is %s, its name says %s", f.Hash, hash)
	}
	if Hash(f.Query) != hash {
		return nil, fmt.Errorf("its hash does not match its text, whose hash is %s", Hash(f.Query))
	}
	return f, nil
}

func decodeOrigin(data json.RawMessage) (*Origin, error) {
	if len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	switch string(data) {
	case `"Unknown"`:
		return &Origin{Kind: OriginUnknown}, nil
	case `"Expression"`:
		return &Origin{Kind: OriginExpression}, nil
	}
	var form struct {
		Table *struct {
			Table string `json:"table"`
			Name  string `json:"name"`
		}
	}
	if err := json.Unmarshal(data, &form); err != nil || form.Table == nil {
		return nil, fmt.Errorf("unknown origin %s", data)
	}
	return &Origin{Kind: OriginTable, Table: form.Table.Table, Name: form.Table.Name}, nil
}

func compact(data json.RawMessage) TypeInfo {
	var b bytes.Buffer
	if json.Compact(&b, data) != nil {
		return TypeInfo("null")
	}
	return b.Bytes()
}

// placed adds line and column to an error of encoding/json that has an offset.
func placed(data []byte, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	} else if errors.As(err, &kind) {
		offset = kind.Offset
	}
	if offset < 1 || offset > int64(len(data)) {
		return err
	}
	before := data[:offset-1]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}
