package workspace

// Unit is a folder that holds a `.sqlx`, or that should.
type Unit struct {
	Dir       string // absolute: a package's, or a workspace's root
	HasData   bool   // there is a `.sqlx`
	Workspace *Workspace
	Package   *Package // nil when Dir is the root of a virtual workspace
}
