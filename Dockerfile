# SPDX-License-Identifier: MIT
#
# The image of bearerd: the program, the libraries that it is linked with, the
# system's certificate authorities, and nothing else that could be run.
#     docker build -t bearerd .       (podman build --format docker ...)
#     docker run --read-only --cap-drop=ALL --security-opt no-new-privileges \
#       --shm-size 8m -p 8000:8000 -e BASE_URL=... -e API_KEY=... \
#       -e BEARERD_ALLOW_UNAUTHENTICATED=yes bearerd
# doc/kubernetes.md says more.

FROM debian:bookworm-slim AS packages
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      autoconf automake ca-certificates gcc libc6-dev make pkg-config \
      libcjson-dev libcurl4-openssl-dev libhiredis-dev libseccomp-dev \
      libssl-dev \
 && rm -rf /var/lib/apt/lists/*

FROM packages AS build
COPY . /src
WORKDIR /build
RUN (cd /src && ./autogen.sh) \
 && /src/configure -q --prefix=/usr --sysconfdir=/etc CFLAGS="-O2 -g0" \
 && make -s -j "$(nproc)" install-sbinPROGRAMS \
      INSTALL_PROGRAM="install -s" DESTDIR=/image

# The libraries, with their licences; libgcc_s, which ldd does not find, is what
# libc loads when a thread is ended.  A container's loopback is of no use to
# others, hence the addresses in the configuration file.
RUN mkdir -p /image/etc/ssl/certs /image/tmp /image/run/bearerd \
 && for file in $(ldd /image/usr/sbin/* | \
        sed -n -E 's,.*[[:space:]](/[^ ]+) [(].*,\1,p' | sort -u) \
      /lib/*-linux-gnu*/libgcc_s.so.1; do \
      cp -L --parents "$file" /image; \
      package=$(dpkg -S "*/${file##*/}" | sed 's/:.*//;q'); \
      doc=/usr/share/doc/$package/copyright; \
      [ ! -f "$doc" ] || cp -L --parents "$doc" /image; \
    done \
 && cp -L /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && install -D -m 644 /src/LICENSE /image/usr/share/doc/bearerd/copyright \
 && sed -E 's/^#((admin-)?listen = ")127\.0\.0\.1:/\1*:/' \
      /src/etc/bearerd.conf >/image/etc/bearerd.conf \
 && echo 'bearerd:x:10001:10001::/:/nonexistent' >/image/etc/passwd \
 && echo 'bearerd:x:10001:' >/image/etc/group \
 && echo 'hosts: files dns' >/image/etc/nsswitch.conf \
 && chown 10001:10001 /image/run/bearerd && chmod 1777 /image/tmp

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="bearerd" \
      org.opencontainers.image.description="Hands out a backend's token" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /image /
USER 10001:10001
EXPOSE 8000 8001
STOPSIGNAL SIGTERM
# /dev/shm can be written where nothing else can.  Kubernetes does not look at
# HEALTHCHECK; its probes ask /healthz and /readyz at port 8001.
ENV BEARERD_CONTROL_SOCKET=/dev/shm/bearerd.sock
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
  CMD ["/usr/sbin/bearerctl", "--timeout=3", "check"]
ENTRYPOINT ["/usr/sbin/bearerd"]
