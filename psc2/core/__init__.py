"""The music, pure: no time of its own, no threads, no sockets, no files, no global random."""
