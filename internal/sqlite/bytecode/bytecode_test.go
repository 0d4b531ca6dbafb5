package bytecode_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/sqlite/bytecode"
)

// parse reads a program: an instruction a line, its operands behind it; what
// follows three numbers is P4. A lone "-" is an instruction that is not there.
func parse(t testing.TB, text string) []bytecode.Opcode {
	t.Helper()
	var program []bytecode.Opcode
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		fields := strings.Fields(line)
		var op bytecode.Opcode
		if fields[0] != "-" {
			op.Name = fields[0]
		}
		for i, operand := range []*int64{&op.P1, &op.P2, &op.P3} {
			if i+1 < len(fields) {
				n, err := strconv.ParseInt(fields[i+1], 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				*operand = n
			}
		}
		if len(fields) > 4 {
			op.P4 = fields[4]
		}
		program = append(program, op)
	}
	return program
}

// columns is a result for people: a type, with "?" where it may be NULL and
// "~" where that is not known.
func columns(list []bytecode.Column) string {
	var words []string
	for _, c := range list {
		words = append(words, c.Type.String()+[]string{"~", "", "?"}[c.Nullable])
	}
	if words == nil {
		return "none"
	}
	return strings.Join(words, " ")
}

// schema has on page 2 a table of an INTEGER NOT NULL, a TEXT and a column
// without a type, and on page 3 an index of the second.
var schema = bytecode.Schema{
	{Database: 0, Page: 2}: {
		0: {Type: bytecode.Integer, Nullable: bytecode.No},
		1: {Type: bytecode.Text, Nullable: bytecode.Yes},
		2: {Type: bytecode.Null, Nullable: bytecode.Yes},
	},
	{Database: 0, Page: 3}: {0: {Type: bytecode.Text, Nullable: bytecode.Yes}},
	{Database: 1, Page: 2}: {0: {Type: bytecode.Blob, Nullable: bytecode.No}},
}

func TestInterpret(t *testing.T) {
	for _, test := range []struct {
		name, program string
		want          string
		want09        string // where it differs
	}{
		{name: "a scan", want: "Integer Text? Null? Integer", program: `
			Init 0 9
			OpenRead 0 2 0
			Rewind 0 8
			Column 0 0 1
			Column 0 1 2
			Column 0 2 3
			Rowid 0 4
			ResultRow 1 4
			Halt
			Goto 0 1`},
		{name: "the database", want: "Blob", program: `
			OpenRead 0 2 1
			Column 0 0 1
			ResultRow 1 1`},
		{name: "an attached database", want: "Null~", program: `
			OpenRead 0 2 2
			Column 0 0 1
			ResultRow 1 1`},
		{name: "a column that the table has not", want: "Null~", program: `
			OpenRead 0 2 0
			Column 0 7 1
			ResultRow 1 1`},
		{name: "a register of nothing", want: "Null~", program: "ResultRow 5 1"},
		{name: "no row", want: "none", program: "Halt"},
		{name: "an empty table is followed, and a full one", want: "Integer?", program: `
			OpenRead 0 2 0
			Null 0 1
			Rewind 0 4
			Column 0 0 1
			ResultRow 1 1`},
		{name: "a sorter nobody filled", want: "Text", program: `
			SorterOpen 0 1
			String8 0 1
			SorterSort 0 4
			Integer 1 1
			ResultRow 1 1`},
		{name: "a sorter", want: "Text?", program: `
			OpenRead 0 2 0
			SorterOpen 1 1
			Column 0 1 1
			MakeRecord 1 1 2
			SorterInsert 1 2
			OpenPseudo 2 3
			SorterSort 1 10
			SorterData 1 3
			Column 2 0 4
			ResultRow 4 1
			Halt`},
		{name: "an outer join", want: "Integer?", program: `
			OpenRead 0 2 0
			Once 0 4
			NullRow 0
			Goto 0 4
			Column 0 0 1
			ResultRow 1 1`},
		{name: "NullRow leaves other readers of the row alone", want: "Integer Integer?", program: `
			OpenRead 0 2 0
			RowData 0 5
			OpenPseudo 1 5
			NullRow 0
			Column 1 0 1
			Column 0 0 2
			ResultRow 1 2`},
		{name: "OpenDup reads the same", want: "Integer", program: `
			OpenRead 0 2 0
			OpenDup 1 0
			Column 1 0 1
			ResultRow 1 1`},
		{name: "constants", want: "Integer Float Text Blob Null? Null?", program: `
			Integer 7 1
			Real 0 2
			String8 0 3
			Blob 0 4
			Variable 1 5
			Null 0 6
			ResultRow 1 6`},
		{name: "Int64 is not known", want: "Null~", program: `
			Int64 0 1
			ResultRow 1 1`},
		{name: "Null of many", want: "Null? Null? Null? Null~", program: `
			Null 0 1 3
			ResultRow 1 4`},
		{name: "an operation", want: "Integer? Text Integer~ Null~", program: `
			Integer 1 10
			Null 0 11
			String8 0 12
			Add 10 11 1
			Concat 12 10 2
			Add 10 20 3
			Add 20 21 4
			ResultRow 1 4`},
		{name: "copies", want: "Integer Text Null? Null?", program: `
			Integer 1 10
			String8 0 11
			Copy 10 20 1
			Move 20 1 2
			SCopy 20 3
			SCopy 21 4
			ResultRow 1 4`},
		{name: "casts", want: "Text Integer? Numeric Null", program: `
			Integer 1 1
			Cast 1 66
			Null 0 2
			Cast 2 68
			Integer 1 3
			Cast 3 67
			Integer 1 4
			Cast 4 64
			ResultRow 1 4`},
		{name: "functions", want: "Text? Text Float? Integer Integer Null~", program: `
			Function 0 1 1 date(-1)
			Function 0 0 2 date(-1)
			Function 0 1 3 julianday(-1)
			Function 0 0 4 unixepoch(-1)
			Function 0 0 5 last_insert_rowid(0)
			Function 0 0 6 abs(1)
			ResultRow 1 6`},
		{name: "aggregates", want: "Integer Integer Float Float Text?", program: `
			Integer 1 10
			Real 0 11
			String8 0 12
			AggStep 0 10 1 count(1)
			AggStep 0 10 2 sum(1)
			AggStep 0 11 3 sum(1)
			AggStep 0 0 4 percent_rank(0)
			AggValue 0 12 5 lag(1)
			ResultRow 1 5`},
		{name: "the end of an aggregate", want: "Integer Text", program: `
			String8 0 2
			AggFinal 1 0 0 count(0)
			AggFinal 2 1 0 max(1)
			ResultRow 1 2`},
		{name: "HaltIfNull", want: "Text", program: `
			OpenRead 0 2 0
			Column 0 1 1
			HaltIfNull 0 0 1
			ResultRow 1 1`},
		{name: "IdxRowid", want: "Null~", want09: "Integer", program: `
			OpenRead 0 3 0
			IdxRowid 0 1
			ResultRow 1 1`},
		{name: "IsNull of what may be", want: "Text Integer", program: `
			OpenRead 0 2 0
			Column 0 1 1
			Integer 1 2
			IsNull 1 6
			ResultRow 1 2
			Halt
			Halt`},
		{name: "IsNull of an argument", want: "none", want09: "Text", program: `
			Variable 1 1
			IsNull 1 4
			String8 0 2
			ResultRow 2 1
			Halt`},
		{name: "IsNull of what is not", want: "Integer", want09: "none", program: `
			Integer 1 1
			IsNull 1 3
			ResultRow 1 1
			Halt`},
		{name: "NotNull", want: "Text", program: `
			OpenRead 0 2 0
			Column 0 1 1
			NotNull 1 4
			Halt
			ResultRow 1 1`},
		{name: "If of a known number", want: "Text", program: `
			Integer 0 1
			If 1 4
			String8 0 2
			Goto 0 5
			Blob 0 2
			ResultRow 2 1`},
		{name: "the last row is merged first", want: "Blob", program: `
			Once 0 4
			String8 0 1
			ResultRow 1 1
			Halt
			Blob 0 1
			ResultRow 1 1`},
		{name: "a jump of three ways goes on behind as well", want: "Text", program: `
			Jump 4 4 4
			String8 0 1
			ResultRow 1 1
			Halt
			Halt`},
		{name: "a subroutine", want: "Text", program: `
			Gosub 5 3
			ResultRow 1 1
			Halt
			String8 0 1
			Return 5`},
		{name: "a subroutine that nobody called", want: "Integer", program: `
			Return 5 0 1
			Integer 1 1
			ResultRow 1 1
			Halt
			Return 6`},
		{name: "a coroutine", want: "Text", program: `
			InitCoroutine 1 4 1
			String8 0 2
			Yield 1
			EndCoroutine 1
			Yield 1 7
			ResultRow 2 1
			Goto 0 4
			Halt`},
		{name: "three visits of an instruction", want: "Integer", program: `
			Integer 1 1
			IfPos 2 0
			ResultRow 1 1
			Goto 0 0`},
		{name: "a large OFFSET", want: "Text", program: `
			Integer 1000 1
			Goto 0 3
			Halt
			IfPos 1 1 1
			String8 0 2
			ResultRow 2 1`},
		{name: "unknown instructions", want: "Integer", program: `
			Explain 0 0
			Integer 1 1
			Noop
			ResultRow 1 1`},
		{name: "instructions that are not there", want: "Text", program: `
			Init 0 2
			Halt
			-
			String8 0 1
			-
			ResultRow 1 1`},
		{name: "out of the program", want: "none", program: "Goto 0 99"},
		{name: "before the program", want: "none", program: "Goto 0 -1"},
	} {
		for _, mode := range []bytecode.Mode{bytecode.Mode08, bytecode.Mode09} {
			t.Run(test.name+" "+string(mode), func(t *testing.T) {
				got, err := bytecode.Interpret(parse(t, test.program), schema, mode)
				if err != nil {
					t.Fatal(err)
				}
				want := test.want
				if mode == bytecode.Mode09 && test.want09 != "" {
					want = test.want09
				}
				if columns(got) != want {
					t.Errorf("got %q, want %q", columns(got), want)
				}
			})
		}
	}
}

func TestNegative(t *testing.T) {
	for _, program := range []string{
		"Integer 1 -1", "ResultRow -1 1", "OpenRead -1 2 0", "Rewind -1 1", "OpenEphemeral 0 -1",
		"OpenRead 0 2 0\nColumn 0 -1 1", "Copy -3 1 0", "NullRow -1", "SCopy -1 1", "IsNull -1 1",
	} {
		if _, err := bytecode.Interpret(parse(t, program), schema, bytecode.Mode08); !errors.Is(err, bytecode.ErrNegative) {
			t.Errorf("%q: %v", program, err)
		}
	}
	// A cursor that is closed reads no column, whatever its number.
	if _, err := bytecode.Interpret(parse(t, "Column 0 -1 1\nResultRow 1 1"), schema, bytecode.Mode08); err != nil {
		t.Error(err)
	}
}

// Branches double at each instruction, and each leads to another memory: the
// run ends when its instructions are spent, before the last register is met.
func TestExhausted(t *testing.T) {
	var program strings.Builder
	const n = 40
	for i := range n {
		fmt.Fprintf(&program, "Once 0 %d\nInteger %d %d\n", 2*i+2, i, i+10)
	}
	fmt.Fprintln(&program, "ResultRow 10 1")
	listed := parse(t, program.String())
	got, err := bytecode.Interpret(listed, schema, bytecode.Mode08)
	if err != nil {
		t.Fatal(err)
	}
	if columns(got) != "Integer" {
		t.Errorf("got %q: the paths that jump over the first instruction have no turn", columns(got))
	}
}

// What is not there costs nothing and leads nowhere else.
func TestNotThere(t *testing.T) {
	with := "Init 0 2\nHalt\n-\nOnce 0 5\n-\nString8 0 1\n-\n-\nOnce 0 3\nResultRow 1 1"
	without := "Init 0 2\nHalt\nOnce 0 3\nString8 0 1\nOnce 0 2\nResultRow 1 1"
	a, err := bytecode.Interpret(parse(t, with), schema, bytecode.Mode09)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bytecode.Interpret(parse(t, without), schema, bytecode.Mode09)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
}

func TestParseType(t *testing.T) {
	for declared, want := range map[string]string{
		"INTEGER": "Integer", "int4": "Int4", "INT8": "Integer", "INT2": "Integer", "UNSIGNED BIG INT": "Integer", "POINT": "Integer",
		"TEXT": "Text", "VARCHAR(20)": "Text", "Clob": "Text", "BLOB": "Blob",
		"REAL": "Float", "FLOAT": "Float", "DOUBLE PRECISION": "Float", "CHARINT": "Integer",
		"BOOL": "Bool", "Boolean": "Bool", "DATE": "Date", "TIME": "Time", "DATETIME": "Datetime", "TIMESTAMP": "Datetime",
		"TIMESTAMPTZ": "", "NUMERIC": "", "DECIMAL(10,2)": "", "JSON": "", "": "", "UUID": "", "BOOLEAN ": "", "\u212aLOB": "",
	} {
		got, known := bytecode.ParseType(declared)
		if known != (want != "") || known && got.String() != want {
			t.Errorf("%q: got %s, %t", declared, got, known)
		}
	}
}

func FuzzInterpret(f *testing.F) {
	f.Add("Init 0 1\nOpenRead 0 2 0\nRewind 0 5\nColumn 0 0 1\nResultRow 1 1\nHalt")
	f.Add("InitCoroutine 1 3 1\nYield 1\nEndCoroutine 1\nYield 1 0\nJump 0 1 2\nIfPos 1 1\nMove 1 2 3")
	names := strings.Fields("Init Goto Gosub Return Jump InitCoroutine Yield EndCoroutine IsNull NotNull MustBeInt If IfPos Column " +
		"MakeRecord Delete NullRow OpenPseudo OpenDup Integer Not Null Cast Copy Move HaltIfNull Rewind RowData Insert OpenRead " +
		"OpenEphemeral Add AggStep ResultRow Once Halt")
	f.Fuzz(func(t *testing.T, text string) {
		var program []bytecode.Opcode
		// Four bytes an instruction; -1 stands for negative operands.
		for i := 0; i+4 <= len(text) && len(program) < 64; i += 4 {
			operand := func(b byte) int64 { return int64(b%24) - 1 }
			program = append(program, bytecode.Opcode{
				Name: names[int(text[i])%len(names)], P1: operand(text[i+1]), P2: operand(text[i+2]), P3: operand(text[i+3]), P4: "sum(1)",
			})
		}
		first, err := bytecode.Interpret(program, schema, bytecode.Mode09)
		if err != nil && !errors.Is(err, bytecode.ErrNegative) {
			t.Fatal(err)
		}
		again, _ := bytecode.Interpret(program, schema, bytecode.Mode09)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzParseType wants the case of ASCII letters not to count.
func FuzzParseType(f *testing.F) {
	for _, declared := range []string{"INTEGER", "varchar(255)", "Double  Precision", "\u212a", "unsigned big int"} {
		f.Add(declared)
	}
	f.Fuzz(func(t *testing.T, declared string) {
		upper := strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' {
				return r - 'a' + 'A'
			}
			return r
		}, declared)
		first, known := bytecode.ParseType(declared)
		again, knownAgain := bytecode.ParseType(upper)
		if first != again || known != knownAgain {
			t.Errorf("%q: %s, %t; in capitals %s, %t", declared, first, known, again, knownAgain)
		}
	})
}
