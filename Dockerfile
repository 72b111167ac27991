# Two stages: what is needed to build stays behind. The result is one program, the C library it
# is linked with, and no shell, package manager or root.

# The slim image has the C compiler that the cryptography (aws-lc) is built with.
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin taraf

# The Debian release (13, "trixie") of the image above: an older C library would not do.
FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /src/target/release/taraf /usr/local/bin/taraf
# The image's user `nonroot`, by number, so that an orchestrator can tell it is not root.
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/taraf"]
