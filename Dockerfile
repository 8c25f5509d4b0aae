# GreenCity in one image; the role is the argument: `docker run … greencity measurements`. Without one, all roles run in one process.
ARG NODE=node:24.11.1-bookworm-slim

FROM ${NODE} AS build
WORKDIR /build
COPY . .
# The packages of app/ and of the workspaces that it is made of; none for development. Optional ones are the machine code of some.
RUN npm ci --ignore-scripts --no-audit --no-fund --include=dev \
  && node node_modules/vite/bin/vite.js build web \
  && npm ci --ignore-scripts --no-audit --no-fund --omit=dev --workspace app

FROM ${NODE}
WORKDIR /greencity
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/air ./air
COPY --from=build /build/schema ./schema
COPY --from=build /build/platform ./platform
COPY --from=build /build/ingest ./ingest
COPY --from=build /build/subgraphs ./subgraphs
COPY --from=build /build/gateway ./gateway
COPY --from=build /build/app ./app
COPY --from=build /build/web/dist ./web/dist
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production APOLLO_TELEMETRY_DISABLED=true \
  MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=65536 \
  HOST=0.0.0.0 PORT=4000 DATA_DIR=/data DEMO=off LOG_FORMAT=json
USER node
VOLUME /data
EXPOSE 4000 1883
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT ?? 4000) + '/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--heap-growing-percent=30", "--max-semi-space-size=32", "app/main.ts"]
