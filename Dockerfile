# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
#
# For those who have a container engine; conf/image/build makes the same image without one.
FROM debian:12 AS build
WORKDIR /src
COPY . .
RUN ./quickstart build && apt-get install -y --no-install-recommends ca-certificates python3 && conf/image/build build/latchkey /image

FROM scratch
COPY --from=build /image/rootfs /
USER 10001:10001
WORKDIR /tmp
EXPOSE 8080 9000
ENTRYPOINT ["/usr/bin/latchkey"]
CMD ["start"]
