"""Outside words and domain things, each translated into the other; pure, one dialect a room."""
