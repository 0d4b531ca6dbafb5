package suite

// lazy is a value that is made when it is first asked for.
type lazy[T any] struct {
	done  bool
	value T
	err   error
}

func (l *lazy[T]) get(make func() (T, error)) (T, error) {
	if !l.done {
		l.value, l.err = make()
		l.done = true
	}
	return l.value, l.err
}
