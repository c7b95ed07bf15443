# dueday runs its TypeScript as it is: there is nothing to build.
FROM node:26-slim

ENV NODE_ENV=production
WORKDIR /app

# Dependencies first, so that a change of ours does not fetch them again. patch-package (postinstall) mends the driver.
COPY package.json package-lock.json .npmrc ./
COPY patches ./patches
RUN npm ci --omit=dev --omit=optional && npm cache clean --force

COPY tsconfig.json LICENSE README.md catalog.yaml ./
COPY drizzle ./drizzle
COPY src ./src

# In a container the database is somewhere else (DATABASE_URL), and the world comes in from outside.
ENV HOST=0.0.0.0 PORT=8080
EXPOSE 8080
USER node

HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# node is process 1 here and hears SIGTERM itself: it stops claiming, finishes what is in flight and exits 0.
STOPSIGNAL SIGTERM
CMD ["node", "src/main.ts", "start"]
