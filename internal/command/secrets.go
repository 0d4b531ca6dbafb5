package command

import (
	"os"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/term"
)

// secretsOf returns a redactor that knows what flags and environment tell.
func secretsOf(flags config.Flags) *database.Redactor {
	secrets := &database.Redactor{}
	secrets.AddEnviron(os.Environ())
	secrets.Add(flags["databaseurl"])
	for name, value := range flags {
		secrets.AddVariable(name, value) // a URL in another flag's place
	}
	return secrets
}

// discreet is a terminal whose messages have no secrets. What is written to it
// comes from cargo's output, which has none.
type discreet struct {
	*term.Terminal
	secrets *database.Redactor
}

func (d discreet) Progress(text string) { d.Terminal.Progress(d.secrets.Text(text)) }
func (d discreet) Say(text string)      { d.Terminal.Say(d.secrets.Text(text)) }

// redact takes secrets out of all messages of a result. Names, places, and
// texts of the sources stay as they are.
func redact(result *report.Result, secrets *database.Redactor) {
	all := func(texts ...*string) {
		for _, text := range texts {
			*text = secrets.Text(*text)
		}
	}
	each := func(texts []string) {
		for i := range texts {
			all(&texts[i])
		}
	}
	said := func(failures []*diag.Diagnostic) {
		for _, f := range failures {
			all(&f.Message, &f.Detail, &f.Hint)
			if f.Query == "" && secrets.Text(f.Excerpt) != f.Excerpt {
				f.Excerpt, f.Width = "", 0 // a line of settings, shown whole or not at all
			}
			for i := range f.Notes {
				all(&f.Notes[i].Message)
			}
		}
	}
	all(&result.Error)
	said(result.Failures)
	each(result.Notes)
	for i := range result.Profiles {
		all(&result.Profiles[i].Action, &result.Profiles[i].Diff)
	}
	for i := range result.Units {
		u := &result.Units[i]
		all(&u.Database, &u.Reason, &u.ProfileReason, &u.Error)
		each(u.NotChecked)
		each(u.Notes)
		for j := range u.Blind {
			all(&u.Blind[j].Reason)
		}
		said(u.Failures)
	}
}
