#!/bin/sh
# A try-out (NODE_ENV is not "production") uses the servers that docker-compose.yml names. In production nothing is
# assumed: what is missing stays missing, and Paperround says so and does not start.
set -e
if [ "$NODE_ENV" != production ]; then
  export DATABASE_URL="${DATABASE_URL:-$TRY_OUT_DATABASE_URL}"
  export REDIS_URL="${REDIS_URL:-$TRY_OUT_REDIS_URL}"
  export SMTP_URL="${SMTP_URL:-$TRY_OUT_SMTP_URL}"
fi
exec node /app/bin/paperround.js "$@"
