"""Memory: the only room that touches a path or a socket."""
