package command

import (
	"fmt"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/config"
)

// urlForms are the forms of URLs: § is a secret, SERVER the server's place,
// FILE a database of SQLite.
var urlForms = []string{
	"postgres://§:§@SERVER/db", "postgresql://§:§@SERVER/db?sslmode=disable&§=§&password=§&application_name=§#§",
	"postgres://§@SERVER/db?options[search_path]=§&options=-c%20a%3D§", "POSTGRES://bob:%73§%21@SERVER/db", "  postgres://bob:§@SERVER/db ",
	"postgres://bob:§@§@SERVER/db", "postgres://§:a:§@SERVER/db", "postgres://bob:§/§@SERVER/db", "postgres://bob:§?§@SERVER/db",
	"postgres://bob:§#§@SERVER/db", "postgres://bob:§%40SERVER/db", "postgres://§%40SERVER/db", "postgres://SERVER/db?user=§&p%61ssword=§",
	"postgres://SERVER/db?sslmode=§", "postgres://SERVER/db?sslmode=verify-full&sslrootcert=/no/§", "postgres://SERVER/db?sslcert=/§/c&sslkey=/§/k",
	"postgres://SERVER/db;password=§", "postgres://SERVER/db&password=§", "postgres://SERVER/db/§", "postgres://bob:§/db", "postgres://bob:§@SERVER§/db",
	"postgres:bob:§@SERVER/db", "postgres:§", "host=127.0.0.1 user=§ password=§ dbname=db", "password = '§' host=127.0.0.1", "postgres://bob:§\x00@SERVER/db",
	"postgres://bob:§%ff@SERVER/db", "postgres://bob:§ §@SERVER/db", `postgres://bob:§"'\§@SERVER/db`, "postgres://bob:§\n@SERVER/db",
	"sqlite:FILE?mode=ro&key=§", "sqlite://FILE?§", "sqlite:FILE?vfs=§", "sqlite:FILE?§=%zz", "sqlite:FILE#§", "sqlite:FILE;key=§", "sqlite://bob:§@FILE",
	"sqlite:bob:§", "sqlite:FILE?password=§@x", "sqlite://§:§@SERVER/db",
	"mysql://§:§@SERVER/db?ssl-key=§", "mariadb://bob:§@§@SERVER/db", "mysql:bob:§@SERVER/db", "mysql://bob:§/§@SERVER/db",
	"postgresql+asyncpg://bob:§@SERVER/db", "jdbc:postgresql://SERVER/db?user=§&password=§", "https://bob:§@SERVER/", "§:§@SERVER/db", "§", "://§", "§://bob:§@SERVER",
	"Server=127.0.0.1;User Id=§;Password=§", "file:///§?password=§",
}

// places are where a URL can come from; each plants one and returns flags.
var places = map[string]func(p *planting) config.Flags{
	"flag":                  func(p *planting) config.Flags { return config.Flags{"databaseurl": p.url} },
	"SQLXMAGE_DATABASE_URL": func(p *planting) config.Flags { p.setenv("SQLXMAGE_DATABASE_URL", p.url); return nil },
	"DATABASE_URL":          func(p *planting) config.Flags { p.setenv("DATABASE_URL", p.url); return nil },
	"sqlxmage.toml":         func(p *planting) config.Flags { p.toml(fmt.Sprintf("url = %q", p.url)); return nil },
	"sqlxmage.toml, bare":   func(p *planting) config.Flags { p.toml("url = " + p.url); return nil },
	"sqlxmage.toml, list":   func(p *planting) config.Flags { p.toml(fmt.Sprintf("url = [%q]", p.url)); return nil },
	"sqlxmage.toml, typo":   func(p *planting) config.Flags { p.toml(fmt.Sprintf("url = %q\nurls = 1", p.url)); return nil },
	".env": func(p *planting) config.Flags {
		p.write(".env", fmt.Sprintf("A=b\nDATABASE_URL=%q\n", p.url))
		return nil
	},
	".env, bare": func(p *planting) config.Flags {
		p.write(p.unit+"/.env", "export DATABASE_URL="+p.url+"\n")
		return nil
	},
	"[env]": func(p *planting) config.Flags {
		p.write(".cargo/config.toml", p.read(".cargo/config.toml")+fmt.Sprintf("\n[env]\nDATABASE_URL = { value = %q, force = true }\n", p.url))
		return nil
	},
	"[env], before the profile": func(p *planting) config.Flags {
		p.write(".cargo/config.toml", fmt.Sprintf("[env]\nDATABASE_URL = %q\n\n", p.url)+p.read(".cargo/config.toml"))
		return nil
	},
	"[env], broken": func(p *planting) config.Flags {
		p.write(".cargo/config.toml", p.read(".cargo/config.toml")+"\n[env]\nDATABASE_URL = "+p.url+"\n")
		return nil
	},
	"sqlx.toml": func(p *planting) config.Flags {
		p.write(p.unit+"/sqlx.toml", "[common]\ndatabase-url-var = \"NOTES_DB\"\n")
		p.setenv("NOTES_DB", p.url)
		return nil
	},
	"sqlx.toml and .env": func(p *planting) config.Flags {
		p.write(p.unit+"/sqlx.toml", "[common]\ndatabase-url-var = \"NOTES_DB\"\n")
		p.write(".env", "NOTES_DB="+p.url+"\n")
		return nil
	},
	"another flag": func(p *planting) config.Flags {
		return config.Flags{[]string{"engine", "unit", "format"}[p.random.IntN(3)]: p.misplaced()}
	},
	"another variable": func(p *planting) config.Flags { p.setenv("SQLXMAGE_ENGINE", p.misplaced()); return nil },
	"another key": func(p *planting) config.Flags {
		p.write(config.FileName, fmt.Sprintf("engine = %q\n", p.misplaced()))
		return nil
	},
	"variables of libpq": func(p *planting) config.Flags {
		for _, name := range []string{"PGUSER", "PGPASSWORD", "PGAPPNAME", "PGOPTIONS", "PGSSLPASSWORD", "MYSQL_PWD"} {
			if p.random.IntN(2) == 0 {
				p.setenv(name, p.secret())
			}
		}
		for _, name := range []string{"PGSSLMODE", "PGSERVICE", "PGPASSFILE", "PGSERVICEFILE", "PGSSLKEY", "PGSSLROOTCERT"} {
			if p.random.IntN(6) == 0 {
				p.setenv(name, "/no/"+p.secret())
			}
		}
		p.url = strings.ReplaceAll("postgres://SERVER/db?sslmode=disable", "SERVER", p.server)
		return config.Flags{"databaseurl": p.url}
	},
}

// plantTargets are the targets, with flags that lead along different ways.
var plantTargets = []struct {
	name    string
	flags   config.Flags
	formats []string
}{
	{"prepare", config.Flags{"live": "true"}, others},
	{"prepare", config.Flags{"live": "true", "engine": "native"}, others},
	{"prepare", config.Flags{"live": "true", "engine": "cargo"}, others},
	{"prepare", config.Flags{"unit": "crates/notes", "engine": "cargo"}, others},
	{"prepareCheck", config.Flags{"live": "true"}, others},
	{"prepareCheck", config.Flags{"live": "true", "engine": "cargo"}, others},
	{"prepareCheck", config.Flags{"offline": "true", "compile": "true"}, others},
	{"verify", config.Flags{"live": "true"}, others},
	{"verify", config.Flags{"unit": "crates/notes"}, others},
	{"status", nil, others},
	{"revert", config.Flags{"dryrun": "true"}, others},
	{"revert", nil, others},
	{"bench", config.Flags{"unit": "crates/notes", "engine": "auto", "runs": "1", "scenarios": "warm", "profiles": "dev"}, []string{"text", "json", "go", "markdown", "html"}},
}

var others = []string{"text", "json"}
