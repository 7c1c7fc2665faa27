# Compiles ommer, then keeps only what it needs at run time. Runs as an unprivileged user.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM node:20-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages hold the chain of the local devnet, which is a container of its own here.
RUN npm install --no-save --omit=dev --omit=optional --ignore-scripts

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY schemas ./schemas
COPY config ./config
COPY devnet ./devnet
USER node
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=6 \
  CMD ["node", "devnet/healthcheck.mjs"]
# No shell in between: node is the process that gets SIGTERM.
# Room for young objects: see docs/operations.md.
ENTRYPOINT ["node", "--enable-source-maps", "--max-semi-space-size=64", "dist/main.js"]
CMD ["run"]
