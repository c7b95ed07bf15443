# dueday runs its TypeScript as it is: there is nothing to build.
# The version is the one that package.json pins for development; a test holds the two together.
FROM node:26.10.0-slim AS parts

WORKDIR /app
# patch-package (postinstall) mends the driver. What npm fetched and cached on the way stays behind in this stage.
COPY package.json package-lock.json .npmrc ./
COPY patches ./patches
RUN npm ci --omit=dev --omit=optional

FROM node:26.10.0-slim

LABEL Name="dueday" Version="0.1.0"
ENV NODE_ENV=production
WORKDIR /app

# Everything belongs to root, so that the process, which is not, can change none of it: run it with a read-only root.
COPY --from=parts /app/node_modules ./node_modules
COPY package.json LICENSE README.md catalog.yaml ./
COPY drizzle ./drizzle
COPY src ./src

# In a container the database is somewhere else (DATABASE_URL), and the world comes in from outside.
ENV HOST=0.0.0.0 PORT=8080
EXPOSE 8080
USER node

# Three looks of 20 seconds: a minute to start in.
HEALTHCHECK --interval=20s --timeout=5s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# node is process 1 here and hears SIGTERM itself: it stops claiming, finishes what is in flight and exits 0.
STOPSIGNAL SIGTERM
CMD ["node", "src/main.ts", "start"]
