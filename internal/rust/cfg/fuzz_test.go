package cfg

import "testing"

// FuzzParseHost reads what rustc prints of its platform: each option is one that
// is set.
func FuzzParseHost(f *testing.F) {
	f.Add("debug_assertions\npanic=\"unwind\"\ntarget_os=\"linux\"\nunix\nx86_64-unknown-linux-gnu\n")
	f.Add("not(unix)\nx86_64-unknown-linux-gnu")
	f.Add("unix\r\na-b\r\n")
	f.Fuzz(func(t *testing.T, out string) {
		p, err := parseHost(out)
		if err != nil {
			return
		}
		if p.Triple == "" || len(p.Cfg.Options()) == 0 {
			t.Errorf("%q is read as %+v", out, p)
		}
		for _, o := range p.Cfg.Options() {
			if p.Cfg.Value(o) != True {
				t.Errorf("%s is not set", o)
			}
			if again, err := ParseOption(o.String()); err != nil || again != o {
				t.Errorf("%s is read as %s, %v", o, again, err)
			}
		}
	})
}
