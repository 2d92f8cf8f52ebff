"""The instrument in a browser: a page that shows, plays and sounds it, and its server."""
