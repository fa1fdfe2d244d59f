package relay

// routeWS does nothing: a program in a browser cannot be dialled. Its relay serves the connections
// that ServeConn is given.
func (s *Server) routeWS() {}
