"""The reproducible benchmarks: what Orderdock does, as a ratio of what its database can do on the same machine."""
