package bundled

// What goes to the helper and comes back. The helper is built with this very
// file, so it must stand alone.

type request struct {
	Op       string   `json:"op"`
	DB       int      `json:"db,omitempty"`
	Path     string   `json:"path,omitempty"`
	ReadOnly bool     `json:"readOnly,omitempty"`
	Keep     *keep    `json:"keep,omitempty"` // nil: all
	SQL      string   `json:"sql,omitempty"`
	Queries  []string `json:"queries,omitempty"`
	Index    int      `json:"index,omitempty"`   // of a statement in SQL
	LimitMS  int      `json:"limitMS,omitempty"` // for its step
}

// keep lists what of SQLite's own a connection keeps: the rest is taken away.
type keep struct {
	Functions []string `json:"functions"` // "substr 2": name and number of arguments
	Modules   []string `json:"modules"`
}

type answer struct {
	Error         *Failure    `json:"error,omitempty"`
	SourceID      string      `json:"sourceID,omitempty"`
	Version       string      `json:"version,omitempty"`
	DB            int         `json:"db,omitempty"`
	Done          int         `json:"done,omitempty"` // of the texts to run, before one failed
	InTransaction bool        `json:"inTransaction,omitempty"`
	Described     []Described `json:"described,omitempty"`
	Rows          [][]string  `json:"rows,omitempty"`
	Step          *Step       `json:"step,omitempty"`
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
	Error      *Failure    `json:"error,omitempty"`
	Statements []Statement `json:"statements"`
}

// Statement is one prepared statement.
type Statement struct {
	Parameters   int      `json:"parameters"`
	Columns      []Column `json:"columns,omitempty"`
	Program      []Opcode `json:"program,omitempty"` // of EXPLAIN; only where there are columns
	ProgramError bool     `json:"programError,omitempty"`
	ReadOnly     bool     `json:"readOnly,omitempty"`
}

// Column is one column of a statement's result; nil stands for SQLite's NULL.
type Column struct {
	Name     string    `json:"name"`
	Declared *string   `json:"declared,omitempty"`
	Database *string   `json:"database,omitempty"`
	Table    *string   `json:"table,omitempty"`
	Origin   *string   `json:"origin,omitempty"`
	Metadata *Metadata `json:"metadata,omitempty"` // where the three are known
}

// Metadata is what sqlite3_table_column_metadata says.
type Metadata struct {
	Error      *Failure `json:"error,omitempty"`
	Declared   string   `json:"declared"`
	NotNull    bool     `json:"notNull"`
	PrimaryKey bool     `json:"primaryKey"`
}

// Opcode is one instruction of a statement's program.
type Opcode struct {
	Name string `json:"o"`
	P1   int64  `json:"1,omitempty"`
	P2   int64  `json:"2,omitempty"`
	P3   int64  `json:"3,omitempty"`
	P4   string `json:"4,omitempty"`
	P5   int64  `json:"5,omitempty"`
}

// Step is the outcome of one step.
type Step struct {
	Code    int     `json:"code"`              // of SQLite: see Row and Done
	Message string  `json:"message,omitempty"` // of an error
	Types   []int32 `json:"types"`             // of SQLite, one a column: 1 integer, 2 float, 3 text, 4 blob, 5 null
}

// The codes of a step that is no error.
const (
	Row  = 100
	Done = 101
)
