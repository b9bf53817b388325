# The service alone: one static program in an empty image, without a shell, a package manager or root.
#
#   docker build -t credit-risk .        (BuildKit, for the cache mounts)
#
# It does not say which environment it runs in. The operator does (CREDIT_RISK_ENVIRONMENT=staging or
# production), and then the program refuses to start with unsafe settings.
ARG RUST_VERSION=1.95

FROM rust:${RUST_VERSION}-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /src
COPY . .
# Static also means the C library; --target keeps the flag away from build scripts and procedural macros.
ENV RUSTFLAGS="-C target-feature=+crt-static"
# The sources are touched because the cached target folder may be newer than the files that changed.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    host="$(rustc -vV | sed -n 's/^host: //p')" \
    && find src -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --bin credit-risk --target "$host" \
    && install -D -m 0755 "target/$host/release/credit-risk" /image/credit-risk \
    && install -d /image/app/artifacts /image/app/logs

FROM scratch
LABEL org.opencontainers.image.title="Credit Risk API" \
      org.opencontainers.image.description="Trains credit-default models over HTTP and scores applications" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /image/credit-risk /credit-risk
# whom the connection to S3 trusts; it is the only one the service opens
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
WORKDIR /app
COPY --from=build --chown=10001:10001 /image/app/ /app/
USER 10001:10001
ENV CREDIT_RISK_HOST=0.0.0.0
EXPOSE 8080
# models, and the audit log
VOLUME ["/app/artifacts", "/app/logs"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 CMD ["/credit-risk", "healthcheck"]
ENTRYPOINT ["/credit-risk"]
CMD ["serve"]
