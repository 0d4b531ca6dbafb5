package oracle

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// echo is a server whose answer to a query is its text.
func echo(t *testing.T, client net.Conn) error {
	server := pgproto3.NewBackend(client, client)
	if _, err := server.ReceiveStartupMessage(); err != nil {
		return err
	}
	server.Send(&pgproto3.AuthenticationOk{})
	server.Send(&pgproto3.BackendKeyData{ProcessID: 7, SecretKey: []byte{1, 2, 3, 4}})
	server.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: "é"})
	for {
		server.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		if err := server.Flush(); err != nil {
			return err
		}
		message, err := server.Receive()
		query, ok := message.(*pgproto3.Query)
		if err != nil || !ok {
			return err
		}
		server.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("text"), DataTypeOID: 25}}})
		server.Send(&pgproto3.DataRow{Values: [][]byte{[]byte(query.String)}})
		server.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
	}
}

// ask asks a server one query after the other.
func ask(t *testing.T, url string, queries ...string) (answers string, err error) {
	t.Helper()
	ctx := context.Background()
	client, err := pgconn.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer client.Close(ctx)
	answers = client.ParameterStatus("server_version")
	for _, query := range queries {
		results, err := client.Exec(ctx, query).ReadAll()
		if err != nil {
			return answers, err
		}
		answers += " " + string(results[0].Rows[0][0])
	}
	return answers, nil
}

// TestConversation records what a server says, and says it again.
func TestConversation(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("SQLXMAGE_ORACLE", "live")
	setFlag(t, "update", "true")
	queries := []string{"one\u00a0", "two"}
	a := Recorded(&fake{TB: t}, "some")
	t.Run("recorded", func(t *testing.T) {
		real := "postgres://a:b@" + serve(t, func(client net.Conn) error { return echo(t, client) }) + "/c?sslmode=disable"
		got, err := ask(t, a.Listen(t, "talk", real), queries...)
		if err != nil || got != "é one\u00a0 two" {
			t.Errorf("%q, %v", got, err)
		}
	})
	for _, test := range []struct {
		name       string
		parameters string
		queries    []string
		want       string // "" for a failure
	}{
		{"the same", "", queries, "é one\u00a0 two"},
		{"less", "", queries[:1], "é one\u00a0"},
		{"another query", "", []string{"three"}, ""},
		{"more", "", append(queries[:2:2], "three"), ""},
		{"another session", "&options=-c%20a%3Db", queries, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got string
			var err error
			failure := run(t, func(f *fake) { got, err = ask(t, a.Replay(f, "talk")+test.parameters, test.queries...) })
			if failed := test.want == ""; failed != (err != nil) || failed != strings.Contains(failure, "conversation") || !failed && got != test.want {
				t.Errorf("%q, %v, %q", got, err, failure)
			}
		})
	}
	if failure := run(t, func(f *fake) { a.Replay(f, "another talk") }); !strings.Contains(failure, "record it") {
		t.Errorf("a conversation that is not recorded: %q", failure)
	}
}
