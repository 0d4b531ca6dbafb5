package scratch

import "syscall"

type account struct{ name string }

func serverAccount() (*account, error) { return nil, nil }

func (*account) attributes() *syscall.SysProcAttr { return nil }

func (*account) own(string) error { return nil }

func (*account) passes(string) bool { return true }
