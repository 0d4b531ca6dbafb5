package sqlite

// What goes to the helper and comes back; helper/main.go has the same.

type request struct {
	Op       string   `json:"op"`
	DB       int      `json:"db,omitempty"`
	Path     string   `json:"path,omitempty"`
	ReadOnly bool     `json:"readOnly,omitempty"`
	Keep     *keep    `json:"keep,omitempty"`
	SQL      string   `json:"sql,omitempty"`
	Queries  []string `json:"queries,omitempty"`
	Index    int      `json:"index,omitempty"`
	LimitMS  int      `json:"limitMS,omitempty"`
}

// keep lists what of SQLite's own a connection keeps.
type keep struct {
	Functions []string `json:"functions"`
	Modules   []string `json:"modules"`
}

type answer struct {
	Error         *Failure    `json:"error"`
	SourceID      string      `json:"sourceID"`
	Version       string      `json:"version"`
	DB            int         `json:"db"`
	InTransaction bool        `json:"inTransaction"`
	Described     []Described `json:"described"`
	Rows          [][]string  `json:"rows"`
	Step          *Step       `json:"step"`
}

// Failure is what SQLite says against a text.
type Failure struct {
	Code    int    `json:"code"` // extended
	Message string `json:"message"`
	Offset  int    `json:"offset"` // in bytes of the text, -1 for none
}

// Described is what SQLite says of one text: its statements up to the first
// that it refuses.
type Described struct {
	Error      *Failure    `json:"error"`
	Statements []Statement `json:"statements"`
}

// Statement is one prepared statement.
type Statement struct {
	Parameters   int      `json:"parameters"`
	Columns      []Column `json:"columns"`
	Program      []Opcode `json:"program"` // of EXPLAIN; only where there are columns
	ProgramError bool     `json:"programError"`
	ReadOnly     bool     `json:"readOnly"`
}

// Column is one column of a statement's result; nil stands for SQLite's NULL.
type Column struct {
	Name     string    `json:"name"`
	Declared *string   `json:"declared"`
	Database *string   `json:"database"`
	Table    *string   `json:"table"`
	Origin   *string   `json:"origin"`
	Metadata *Metadata `json:"metadata"` // where the three are known
}

// Metadata is what sqlite3_table_column_metadata says.
type Metadata struct {
	Error      *Failure `json:"error"`
	Declared   string   `json:"declared"`
	NotNull    bool     `json:"notNull"`
	PrimaryKey bool     `json:"primaryKey"`
}

// Opcode is one instruction of a statement's program.
type Opcode struct {
	Name string `json:"o"`
	P1   int64  `json:"1"`
	P2   int64  `json:"2"`
	P3   int64  `json:"3"`
	P4   string `json:"4"`
	P5   int64  `json:"5"`
}

// Step is the outcome of one step.
type Step struct {
	Code    int     `json:"code"`    // of SQLite: see Row and Done
	Message string  `json:"message"` // of an error
	Types   []int32 `json:"types"`   // of SQLite, one a column: 1 integer, 2 float, 3 text, 4 blob, 5 null
}

// The codes of a step that is no error.
const (
	Row  = 100
	Done = 101
)
