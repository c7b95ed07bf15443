# The image runs dueday's package, made here as `npm pack` makes it anywhere: JavaScript, and the packages that were reviewed.
# The version is the one that package.json pins for development, and the digest names that image for good; a test holds both.
FROM node:26.10.0-slim@sha256:ec7758ee051e457b468b32bde57b0879010b325bb9862718e9615225ce4aaae1 AS node

FROM node AS package

WORKDIR /checkout
# patch-package mends the driver. The compiler, and what npm fetched and cached on the way, stays behind in this stage.
COPY package.json package-lock.json .npmrc ./
COPY patches ./patches
RUN npm ci
COPY CHANGELOG.md LICENSE README.md catalog.yaml tsconfig.json tsconfig.package.json ./
COPY bin ./bin
COPY deploy ./deploy
COPY docs ./docs
COPY drizzle ./drizzle
COPY packing ./packing
COPY src ./src
RUN npm pack && mkdir /app && tar --extract --gzip --file dueday-*.tgz --directory /app --strip-components=1

FROM node

LABEL Name="dueday" Version="0.1.0"
ENV NODE_ENV=production
WORKDIR /app

# Everything belongs to root, so that the process, which is not, can change none of it: run it with a read-only root.
COPY --from=package /app ./

# In a container the database is somewhere else (DATABASE_URL), and the world comes in from outside.
ENV HOST=0.0.0.0 PORT=8080
EXPOSE 8080
USER node

# Three looks of 20 seconds: a minute to start in.
HEALTHCHECK --interval=20s --timeout=5s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# node is process 1 here and hears SIGTERM itself: it stops claiming, finishes what is in flight and exits 0.
STOPSIGNAL SIGTERM
CMD ["node", "bin/dueday.js", "start"]
