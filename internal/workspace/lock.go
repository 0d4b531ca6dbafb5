package workspace

// Lock is a Cargo.lock, versions 1 to 4.
type Lock struct {
	Path     string
	Version  int
	Packages []LockedPackage // in the file's order
	Sum      [32]byte        // SHA-256 of the file's bytes, as part of a cache's key
}

// LockedPackage is one [[package]] of a lock file.
type LockedPackage struct {
	Name         string
	Version      string
	Source       string   // "registry+URL", "git+URL#commit"; "" for a path package
	Checksum     string   // hexadecimal SHA-256; "" for git and path packages
	Dependencies []string // as written: "name", "name version" or "name version (source)"
}
