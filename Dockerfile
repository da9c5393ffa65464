# The server as an image: docker build -t tikr .
# Everything that it keeps with the embedded store is below /var/lib/tikr; series specs are in /etc/tikr/specs.

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH
WORKDIR /src
# Project files first: packages are restored again only when these change.
COPY Directory.Build.props Directory.Packages.props global.json ./
COPY Contracts/Contracts.csproj Contracts/
COPY Core/Core.csproj Core/
COPY Gateway/Gateway.csproj Gateway/
COPY Grains/Grains.csproj Grains/
COPY Grains.Interfaces/Grains.Interfaces.csproj Grains.Interfaces/
COPY Orleans.Postgres/Orleans.Postgres.csproj Orleans.Postgres/
COPY Publishing/Publishing.csproj Publishing/
COPY Silo/Silo.csproj Silo/Runtime.props Silo/
COPY Storage/Storage.csproj Storage/
COPY Storage.RocksDb/Storage.RocksDb.csproj Storage.RocksDb/
COPY Storage.Timescale/Storage.Timescale.csproj Storage.Timescale/
COPY Streaming.Kafka/Streaming.Kafka.csproj Streaming.Kafka/
RUN dotnet restore Silo/Silo.csproj -a $TARGETARCH
COPY .editorconfig BannedSymbols.txt ./
COPY specs/ specs/
COPY Contracts/ Contracts/
COPY Core/ Core/
COPY Gateway/ Gateway/
COPY Grains/ Grains/
COPY Grains.Interfaces/ Grains.Interfaces/
COPY Orleans.Postgres/ Orleans.Postgres/
COPY Publishing/ Publishing/
COPY Silo/ Silo/
COPY Storage/ Storage/
COPY Storage.RocksDb/ Storage.RocksDb/
COPY Storage.Timescale/ Storage.Timescale/
COPY Streaming.Kafka/ Streaming.Kafka/
RUN dotnet publish Silo/Silo.csproj -c Release -a $TARGETARCH --no-restore --no-self-contained -p:UseAppHost=false -o /app

# Not chiselled: the health check is a line of bash. Not Alpine: RocksDB and librdkafka are taken as built for glibc, here at most 2.39;
# the client of Kafka picks its build without libsasl2, which does everything but Kerberos.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
COPY --from=build /app /app
COPY specs/ /etc/tikr/specs/
RUN install -d -o $APP_UID -g $APP_UID /var/lib/tikr
# The server opens its own ports: the base image's setting would only be warned about.
# Two arenas of malloc: RocksDB frees on other threads than it allocates on, and each arena keeps the holes.
ENV ASPNETCORE_HTTP_PORTS= \
    MALLOC_ARENA_MAX=2 \
    TIKR_SERVER_BIND=0.0.0.0 \
    TIKR_SPECS_DIR=/etc/tikr/specs
USER $APP_UID
WORKDIR /var/lib/tikr
VOLUME /var/lib/tikr
EXPOSE 9876 9877 9878
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${TIKR_SERVER_HTTP_PORT:-9877} && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["dotnet", "/app/Tikr.Silo.dll"]
