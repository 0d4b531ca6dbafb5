package oracle

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// conversation is what a Postgres server said on one connection.
type conversation struct {
	Exchanges []exchange `json:"exchanges"`
}

// exchange is a request, from one ReadyForQuery to the Query or Sync that asks
// for the next, and the answer with the ReadyForQuery that ends it. The first
// is the session's beginning, without what proves who the client is.
type exchange struct {
	Request string   `json:"request"` // the hash of its messages
	Answer  []string `json:"answer"`  // messages: the type and the body, each byte a character
}

// Replay returns the URL of a server that says what a Postgres server was
// recorded to say to the one client of a test. Where the client asks anything
// else, the test fails.
func (a *Answers) Replay(t testing.TB, about string) string {
	t.Helper()
	talk, err := a.conversation(about)
	if err != nil {
		t.Fatalf("%s: what a server says about %s: %v; SQLXMAGE_ORACLE=live and -update record it", a.path, about, err)
	}
	return "postgres://recorded@" + serve(t, func(client net.Conn) error {
		return talk.replay(client)
	}) + "/recorded?sslmode=disable"
}

// Listen returns a URL that leads the one client of a test to the real server of
// a URL, to record what that says. Whether the record is still right tells its
// replay: numbers that the server gives out are others each time.
func (a *Answers) Listen(t testing.TB, about, real string) string {
	t.Helper()
	config, err := pgconn.ParseConfig(real)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(real)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Del("host")
	u.RawQuery = query.Encode()
	u.Host = serve(t, func(client net.Conn) error {
		network, address := pgconn.NetworkAddress(config.Host, config.Port)
		server, err := net.Dial(network, address)
		if err != nil {
			return err
		}
		defer server.Close()
		talk, err := listen(client, server)
		if err != nil {
			return err
		}
		a.keepConversation(t, about, talk)
		return nil
	})
	return u.String()
}

func (a *Answers) conversation(about string) (talk conversation, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	data, ok := a.recorded[about]
	if fresh, asked := a.asked[about]; asked {
		data, ok = fresh, true
	}
	if !ok {
		return talk, errors.New("not recorded")
	}
	return talk, json.Unmarshal(data, &talk)
}

// keepConversation takes a conversation down where the record is written; else
// the recorded one stays in use.
func (a *Answers) keepConversation(t testing.TB, about string, talk conversation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked[about] = a.recorded[about]
	if updating() {
		a.asked[about] = encode(t, talk)
	}
	if a.asked[about] == nil {
		t.Errorf("%s: missing about %s; -update writes it", a.path, about)
		delete(a.asked, about)
	}
}

// serve serves one client, and returns where. Its fault is the test's.
func serve(t testing.TB, talk func(client net.Conn) error) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		client, err := listener.Accept()
		if err != nil {
			return // the test ends without a client
		}
		defer client.Close()
		if err := talk(client); err != nil {
			t.Errorf("the server's recorded conversation: %v", err)
		}
	})
	t.Cleanup(func() {
		listener.Close()
		done.Wait()
	})
	return listener.Addr().String()
}

// replay answers requests in the order in which they were recorded.
func (talk conversation) replay(client net.Conn) error {
	requests := &requestReader{in: bufio.NewReader(client)}
	out := bufio.NewWriter(client)
	for i := 0; ; i++ {
		request, err := requests.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if i >= len(talk.Exchanges) || talk.Exchanges[i].Request != request {
			return fmt.Errorf("request %d is not the recorded one; SQLXMAGE_ORACLE=live and -update record anew", i+1)
		}
		if i == 0 {
			writeMessage(out, 'R', make([]byte, 4)) // AuthenticationOk
			writeMessage(out, 'K', make([]byte, 8)) // BackendKeyData
		}
		for _, message := range talk.Exchanges[i].Answer {
			body := bytesOf(message)
			writeMessage(out, body[0], body[1:])
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

// listen passes on what client and server say until one of them goes.
func listen(client, server net.Conn) (talk conversation, err error) {
	var requests []string
	toServer, atServer := io.Pipe()
	var parsed sync.WaitGroup
	parsed.Go(func() {
		reader := &requestReader{in: bufio.NewReader(toServer)}
		for {
			request, err := reader.next()
			if err != nil {
				_, _ = io.Copy(io.Discard, toServer)
				return
			}
			requests = append(requests, request)
		}
	})
	go func() {
		_, _ = io.Copy(io.MultiWriter(server, atServer), client)
		atServer.Close()
		server.Close()
	}()
	var answers [][]string
	in := bufio.NewReader(io.TeeReader(server, client))
	for answer := []string(nil); ; {
		kind, body, err := readMessage(in)
		if err != nil {
			break
		}
		if kind != 'R' && kind != 'K' {
			answer = append(answer, characters(append([]byte{kind}, body...)))
		}
		if kind == 'Z' {
			answers, answer = append(answers, answer), nil
		}
	}
	client.Close()
	parsed.Wait()
	for i, answer := range answers {
		if i >= len(requests) {
			return talk, errors.New("the server says more than it is asked")
		}
		talk.Exchanges = append(talk.Exchanges, exchange{requests[i], answer})
	}
	return talk, nil
}

// requestReader reads a client's messages.
type requestReader struct {
	in      *bufio.Reader
	started bool
}

// next returns the hash of the next request. It ends with io.EOF where the
// client says good-bye.
func (r *requestReader) next() (string, error) {
	hash := sha256.New()
	if !r.started {
		r.started = true
		var size [4]byte
		if _, err := io.ReadFull(r.in, size[:]); err != nil {
			return "", err
		}
		body := make([]byte, binary.BigEndian.Uint32(size[:])-4)
		if _, err := io.ReadFull(r.in, body); err != nil {
			return "", err
		}
		for _, parameter := range startParameters(body) {
			fmt.Fprintf(hash, "%q\n", parameter)
		}
		return sumOf(hash.Sum(nil)), nil
	}
	for {
		kind, body, err := readMessage(r.in)
		switch {
		case err != nil:
			return "", err
		case kind == 'X':
			return "", io.EOF
		case kind == 'p': // a password
			continue
		}
		fmt.Fprintf(hash, "%c%d\n%s", kind, len(body), body)
		if kind == 'S' || kind == 'Q' {
			return sumOf(hash.Sum(nil)), nil
		}
	}
}

func sumOf(sum []byte) string { return hex.EncodeToString(sum[:8]) }

// startParameters are a startup message's parameters but for the user and the
// database, ordered.
func startParameters(body []byte) (parameters []string) {
	fields := strings.Split(string(body[4:]), "\x00") // behind the protocol's version
	for i := 0; i+1 < len(fields) && fields[i] != ""; i += 2 {
		if fields[i] != "user" && fields[i] != "database" {
			parameters = append(parameters, fields[i]+"="+fields[i+1])
		}
	}
	slices.Sort(parameters)
	return parameters
}

func readMessage(in *bufio.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err = io.ReadFull(in, body)
	return head[0], body, err
}

func writeMessage(out *bufio.Writer, kind byte, body []byte) {
	_ = out.WriteByte(kind)
	_, _ = out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(body)+4)))
	_, _ = out.Write(body) // an error stays until Flush
}

// characters makes a text of bytes, each a character, and bytesOf takes it back.
func characters(data []byte) string {
	runes := make([]rune, len(data))
	for i, b := range data {
		runes[i] = rune(b)
	}
	return string(runes)
}

func bytesOf(text string) []byte {
	var data []byte
	for _, r := range text {
		data = append(data, byte(r))
	}
	return data
}
