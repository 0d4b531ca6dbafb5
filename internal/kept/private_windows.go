package kept

import "io/fs"

// private: a user's cache folder on Windows is closed to others by what it
// inherits.
func private(string, fs.FileInfo) error { return nil }
