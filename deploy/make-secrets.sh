#!/bin/sh
# Makes the secrets that compose.yaml reads, and a folder for backups; run it once, as root, in the folder of this file.
# Nothing that is there is touched.
set -eu
cd "$(dirname "$0")"
user=10001 # the user in the image
umask 077
mkdir -p secrets backups

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

if [ -e secrets/postgres_password ]; then
  echo "secrets/ is there already: nothing was changed" >&2
  exit 0
fi
random > secrets/orderdock_secret
printf 'postgresql://orderdock:%s@database:5432/orderdock' "$(random | tee secrets/postgres_password)" > secrets/database_url
if [ "$(id -u)" = 0 ]; then
  chown "$user:$user" secrets/orderdock_secret secrets/database_url backups
else
  # The folder keeps others out (0700); the user in the container is one of them, and reads the files where they are mounted.
  chmod 444 secrets/*
  echo "not root: let user $user write to backups/ before you back up" >&2
fi
echo "made secrets/: keep a copy of orderdock_secret in a safe place"
