"""What `orderdock doctor` looks at: the database, the files, and who may call."""
