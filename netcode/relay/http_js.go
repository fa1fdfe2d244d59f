package relay

// web is nothing in a page: a program in a browser cannot be dialled, its relay serves the
// connections that ServeConn is given. So net/http stays out of what a browser has to load, with TLS
// and the certificates: a quarter of the program.
type web struct{}

func (s *Server) routes() {}
