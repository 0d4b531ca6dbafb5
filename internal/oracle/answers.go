package oracle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// Answers are what the real programs said to the questions of one test. They
// are recorded in a file beside the test, testdata/oracle/NAME.json, which holds
// each answer below what it is about and the hash of the question, and the
// versions of the programs that gave it.
//
// Everyday a question gets the recorded answer. Live it goes to the real
// program, and the test fails where the record says otherwise, or nothing;
// with -update the record is written instead. What a run of all tests does not
// ask any more is dropped from it, or fails.
type Answers struct {
	path string

	mu       sync.Mutex
	recorded map[string]json.RawMessage
	asked    map[string]json.RawMessage
}

// recordFile is the file's form. Same holds the questions whose answer is that
// of another one.
type recordFile struct {
	Versions map[string]string          `json:"versions"`
	Answers  map[string]json.RawMessage `json:"answers"`
	Same     map[string]string          `json:"same,omitempty"`
}

// Recorded opens the answers of a name. They belong to the test, which must not
// end before its questions do.
func Recorded(t testing.TB, name string) *Answers {
	t.Helper()
	a := &Answers{path: filepath.Join("testdata", "oracle", name+".json"), asked: map[string]json.RawMessage{}}
	data, err := os.ReadFile(a.path)
	var file recordFile
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && need.Live()) {
		t.Fatalf("read what was recorded: %v; SQLXMAGE_ORACLE=live and -update write it", err)
	}
	a.recorded = file.Answers
	for key, other := range file.Same {
		a.recorded[key] = file.Answers[other]
	}
	if need.Live() {
		t.Cleanup(func() { a.close(t) })
	}
	return a
}

// Ask returns the answer to a question. About says for people what the question
// is about. The answer and the question are what encoding/json makes of them.
// Live is called where the real program is to be asked, once a question.
func Ask[A any](t testing.TB, a *Answers, about string, question any, live func() A) (answer A) {
	t.Helper()
	key := about + " " + hashOf(t, question)
	a.mu.Lock()
	recorded, known := a.recorded[key]
	said, asked := a.asked[key]
	a.mu.Unlock()
	if asked {
		recorded = said
	}
	if asked || !need.Live() {
		if !asked && !known {
			t.Fatalf("%s holds no answer about %s; SQLXMAGE_ORACLE=live and -update record one", a.path, about)
		}
		if err := json.Unmarshal(compact(recorded), &answer); err != nil {
			t.Fatalf("%s: the answer about %s: %v", a.path, about, err)
		}
		return answer
	}
	answer = live()
	said = encode(t, answer)
	a.mu.Lock()
	a.asked[key] = said
	a.mu.Unlock()
	if !updating() && !bytes.Equal(compact(recorded), said) {
		t.Errorf("%s: wrong or missing about %s; -update writes it\nrecorded: %s\nreal:     %s", a.path, about, compact(recorded), said)
	}
	return answer
}

// close writes the record, or looks for what nobody asks.
func (a *Answers) close(t testing.TB) {
	whole := flag.Lookup("test.run").Value.String() == "" && !t.Failed() && !t.Skipped()
	if !updating() {
		for key := range a.recorded {
			if _, ok := a.asked[key]; whole && !ok {
				t.Errorf("%s: nobody asks about %s; -update drops it", a.path, key)
			}
		}
		return
	}
	answers := map[string]json.RawMessage{}
	if !whole {
		maps.Copy(answers, a.recorded)
	}
	maps.Copy(answers, a.asked)
	file := recordFile{Versions: versions(t), Answers: map[string]json.RawMessage{}, Same: map[string]string{}}
	first := map[string]string{} // the question of an answer
	for _, key := range slices.Sorted(maps.Keys(answers)) {
		answer := string(compact(answers[key]))
		if other, ok := first[answer]; ok && len(answer) > lineWidth {
			file.Same[key] = other
			continue
		}
		first[answer], file.Answers[key] = key, answers[key]
	}
	var out bytes.Buffer
	layOut(&out, encode(t, file), "")
	out.WriteByte('\n')
	err := os.MkdirAll(filepath.Dir(a.path), 0o777)
	if err == nil {
		err = os.WriteFile(a.path, out.Bytes(), 0o666)
	}
	if err != nil {
		t.Errorf("record the answers: %v", err)
	}
}

// updating tells whether the test's flag -update is set.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// versions are those of the programs that answer, beside sqlx, whose version
// stands in the question.
func versions(t testing.TB) map[string]string {
	all := map[string]string{}
	for _, program := range []string{"cargo", "rustc"} {
		out, err := exec.Command(program, "--version").Output()
		if err != nil {
			t.Errorf("ask %s for its version: %v", program, err)
		}
		all[program] = strings.TrimSpace(string(out))
	}
	return all
}

func hashOf(t testing.TB, question any) string {
	t.Helper()
	sum := sha256.Sum256(encode(t, question))
	return hex.EncodeToString(sum[:8])
}

// encode writes JSON as it is recorded: the texts of Rust and SQL stay legible.
func encode(t testing.TB, value any) []byte {
	t.Helper()
	data, err := marshal(value)
	if err != nil {
		t.Fatalf("encode for the record: %v", err)
	}
	return data
}

func marshal(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return compact(b.Bytes()), nil
}

// compact takes the white space out of valid JSON.
func compact(data []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, data) != nil {
		return data
	}
	return b.Bytes()
}
