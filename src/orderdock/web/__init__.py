"""The HTTP edge: the only place that waits. It assembles and bounds; what requests mean is said further in."""
