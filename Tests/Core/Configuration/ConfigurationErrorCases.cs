namespace Tikr.Tests.Core.Configuration;

/// <summary>What is wrong in the configuration and what is said about it.</summary>
/// <param name="Name">The case.</param>
/// <param name="Text">The file; null for none.</param>
/// <param name="Variables">NAME=value, separated by spaces.</param>
/// <param name="Errors">The errors, whole.</param>
internal sealed record ConfigurationErrorCase(string Name, string? Text, string Variables, params string[] Errors);

internal static class ConfigurationErrorCases
{
    private const string Ttl = "the duration must be from 1h to 24h. Choose a value in this range.";
    private const string Units = "Write numbers with units (h, m, s, ms, us, ns), for example 200ms, 1s or 1h30m.";
    private const string Port = "a whole number from 0 to 65535 is expected. Write such a number, in decimal digits only.";
    private const string Size =
        "a size from 0.001 to 1000000 is expected, in GB of 1024^3 bytes. Write digits with an optional fraction, for example 50 or 0.5.";

    private const string Memory =
        "an amount of memory from 64MB on is expected, with its unit MB or GB (of 1024). Write for example 512MB or 4GB.";

    private const string Address =
        "an IP address is expected. Write 127.0.0.1 for this machine only, 0.0.0.0 for all its IPv4 addresses, :: for all addresses.";

    private const string Connection =
        "an Npgsql connection string that names a Host is expected (not shown, since it may hold a password). "
        + "Write NAME=VALUE pairs separated by semicolons, for example Host=db;Username=tikr;Password=...;Database=tikr.";

    private const string Url =
        "a URL that begins with http:// or https:// is expected, without user, "
            + "query and fragment. Write for example http://collector:4317.";

    private const string KafkaSetting =
        "a setting of the Kafka client is name=value (not shown, since it may "
            + "hold a password). Write for example security.protocol=SASL_SSL.";

    public static readonly ConfigurationErrorCase[] All =
    [
        new("not YAML", "server: [", "",
            "tikr.yaml:2: the file is not valid YAML: While parsing a node, did not find expected node content. "
            + "Look at the indentation and the quotes around this line; indent with spaces."),
        new("a list", "- server", "", "tikr.yaml:1: a section with keys is expected here, found a list. Write keys below it, indented."),
        new("slip in a key", "server: {grcp_port: 1}", "",
            "tikr.yaml:1: server.grcp_port = 1: the key is unknown. Did you mean grpc_port? Known here: grpc_port, http_port, bind, "
            + "memory, max_connections, max_streams_per_connection."),
        new("key in the wrong section", "data_dir: /data", "",
            "tikr.yaml:1: data_dir = /data: the key is unknown. Did you mean storage.data_dir? "
            + "Known here: server, storage, ingest, close, cluster, kafka, telemetry, specs_dir."),
        new("key twice", "server:\n  bind: 10.0.0.1\n  bind: 10.0.0.2", "",
            "tikr.yaml:3: server.bind = 10.0.0.2: the key is given twice, first on line 2. Keep one of the two."),
        new("memory without a unit, too little, and of another unit", "server:\n  memory: 4", "TIKR_SERVER_MEMORY=63MB",
            $"tikr.yaml:2: server.memory = 4: {Memory}", $"environment: TIKR_SERVER_MEMORY = 63MB: {Memory}"),
        new("slip in an alias", null, "TIKR_DATADIR=/data",
            "environment: TIKR_DATADIR = /data: no setting has this variable. Did you mean TIKR_DATA_DIR? "
            + "Unset it; docs/configuration.md lists all variables."),
        new("ttl too short and too long", "storage:\n  ticks: {ttl: 59m59s}\n  rollup: {ttl: 25h}", "",
            $"tikr.yaml:2: storage.ticks.ttl = 59m59s: {Ttl}",
            $"tikr.yaml:3: storage.rollup.ttl = 25h: {Ttl}"),
        new("ttl unreadable", "storage: {ticks: {ttl: 6 hours}}", "",
            $"tikr.yaml:1: storage.ticks.ttl = 6 hours: the duration has the unknown unit ' hours'. {Units}"),
        new("sizes", "storage:\n  ticks: {max_size_gb: 0}\n  rollup: {max_size_gb: 5GB}", "",
            $"tikr.yaml:2: storage.ticks.max_size_gb = 0: {Size}",
            $"tikr.yaml:3: storage.rollup.max_size_gb = 5GB: {Size}"),
        new("negative size", "storage: {ticks: {max_size_gb: -1}}", "", $"tikr.yaml:1: storage.ticks.max_size_gb = -1: {Size}"),
        new("ports", "server:\n  grpc_port: 65536\n  http_port: -1\ntelemetry: {prometheus: {port: http}}", "",
            $"tikr.yaml:2: server.grpc_port = 65536: {Port}",
            $"tikr.yaml:3: server.http_port = -1: {Port}",
            $"tikr.yaml:4: telemetry.prometheus.port = http: {Port}"),
        new("port taken by a default", "server: {http_port: 9876}", "",
            "tikr.yaml:1: server.http_port = 9876: the port is also that of server.grpc_port. Give each its own port."),
        new("port taken from a default", "server: {grpc_port: 9878}", "",
            "tikr.yaml:1: server.grpc_port = 9878: the port is also that of telemetry.prometheus.port. Give each its own port."),
        new("address", "server: {bind: everywhere}", "", $"tikr.yaml:1: server.bind = everywhere: {Address}"),
        new("address of one number", "server: {bind: 7}", "", $"tikr.yaml:1: server.bind = 7: {Address}"),
        new("address with a wrong number", "server: {bind: 10.0.0.256}", "", $"tikr.yaml:1: server.bind = 10.0.0.256: {Address}"),
        new("unknown backend", "storage: {backend: rocks-db}", "",
            "tikr.yaml:1: storage.backend = rocks-db: one of rocksdb, timescale, pebble is expected. Did you mean rocksdb?"),
        new("backend without its database", "storage: {backend: timescale}", "",
            "tikr.yaml:1: storage.backend = timescale: the timescale store needs storage.timescale.connection_string. "
            + "Set it, best by TIKR_STORAGE_TIMESCALE_CONNECTION_STRING, for example Host=db;Username=tikr;Password=...;Database=tikr."),
        new("address in place of a connection string",
            "storage:\n  backend: timescale\n  timescale: {connection_string: 'postgresql://tikr:hunter2@db/tikr'}", "",
            $"tikr.yaml:3: storage.timescale.connection_string: {Connection}"),
        new("connection string without a host", "storage: {backend: timescale}",
            "TIKR_STORAGE_TIMESCALE_CONNECTION_STRING=Database=tikr;Word=hunter2",
            $"environment: TIKR_STORAGE_TIMESCALE_CONNECTION_STRING: {Connection}"),
        new("connection string under keys with slips", "storage:\n  timescale: {conection: 'Host=db;Password=hunter2'}\n "
            + " timescal: 'Pasword=hunter2'", "TIKR_STORAGE_TIMESCALE=Server=db;Pwd=hunter2",
            "tikr.yaml:2: storage.timescale.conection = ***: the key is unknown. Known here: connection_string, compress_bars.",
            "tikr.yaml:3: storage.timescal = ***: the key is unknown. Did you mean timescale? Known "
                + "here: backend, timescale, data_dir, durability, accept_damaged_log, ticks, rollup.",
            "environment: TIKR_STORAGE_TIMESCALE = ***: no setting has this variable. Did you mean "
                + "TIKR_STORAGE_TICKS_TTL? Unset it; docs/configuration.md lists all variables."),
        new("connection string as a section's value and twice",
            "storage:\n  timescale: 'Host=db;Password=hunter2'\n  data_dir: 'Host=db;Password=hunter2'\n  data_dir: 'Password=hunter2'", "",
            "tikr.yaml:2: storage.timescale = ***: a section with keys is expected "
                + "here, found a single value. Write keys below it, indented.",
            "tikr.yaml:4: storage.data_dir = ***: the key is given twice, first on line 3. Keep one of the two."),
        new("silo that others cannot reach", "storage: {backend: timescale}\ncluster: {address: 0.0.0.0}",
            "TIKR_STORAGE_TIMESCALE_CONNECTION_STRING=Host=db",
            "tikr.yaml:2: cluster.address = 0.0.0.0: this means all addresses, and other "
                + "silos need one to connect to. Write an address of this machine."),
        new("silo on the port of another", "storage: {backend: timescale}\ncluster: {silo_port: 9876}",
            "TIKR_STORAGE_TIMESCALE_CONNECTION_STRING=Host=db",
            "tikr.yaml:2: cluster.silo_port = 9876: the port is also that of server.grpc_port. Give each its own port."),
        new("no durability", "storage: {durability: none}", "",
            "tikr.yaml:1: storage.durability = none: the rocksdb store always writes a log, so it has no mode without durability. "
            + "Use os (survives the death of the process) or disk (survives power loss)."),
        new("unknown durability", "storage: {durability: fsync}", "",
            "tikr.yaml:1: storage.durability = fsync: one of os, disk, none is expected. Choose one of them."),
        new("broker without a port", "kafka:\n  brokers:\n    - kafka:9092\n    - kafka\n    - http://kafka:9092\n    -", "",
            "tikr.yaml:4: kafka.brokers[1] = kafka: a broker is host:port. Write for example kafka:9092.",
            "tikr.yaml:5: kafka.brokers[2] = http://kafka:9092: a broker is host:port. Write for example kafka:9092.",
            "tikr.yaml:6: kafka.brokers[3]: a value is required and missing. Write the value, or remove the line."),
        new("settings of the Kafka client", "kafka:\n  settings:\n    - sasl.password=secret\n    "
            + "- Secret: secret\n    - sasl.password\n    - =secret", "TIKR_KAFKA_SETTINGS=secret",
            "tikr.yaml:4: kafka.settings[1]: a single value is expected here, found a section with keys. Write 'key: value' on one line.",
            $"tikr.yaml:5: kafka.settings[2]: {KafkaSetting}",
            $"tikr.yaml:6: kafka.settings[3]: {KafkaSetting}",
            $"environment: TIKR_KAFKA_SETTINGS: {KafkaSetting}"),
        new("Kafka", "kafka:\n  partitioner: murmur\n  topics: {partitions: 0, retention: 400d}\n "
            + " outbox_partitions: 65\n  block: {max_records: 0}\n  drop: {after: 1ms}", "",
            "tikr.yaml:2: kafka.partitioner = murmur: one of murmur2, fnv1a is expected. Did you mean murmur2?",
            "tikr.yaml:3: kafka.topics.partitions = 0: a whole number from 1 to "
                + "10000 is expected. Write such a number, in decimal digits only.",
            $"tikr.yaml:3: kafka.topics.retention = 400d: the duration has the unknown unit 'd'. {Units}",
            "tikr.yaml:4: kafka.outbox_partitions = 65: a whole number from 1 to "
                + "64 is expected. Write such a number, in decimal digits only.",
            "tikr.yaml:5: kafka.block.max_records = 0: a whole number from 1 to "
                + "100000000 is expected. Write such a number, in decimal digits only.",
            "tikr.yaml:6: kafka.drop.after = 1ms: the duration must be from 100ms to 1h. Choose a value in this range."),
        new("brokers that are not a list", "kafka: {brokers: 'kafka:9092'}", "",
            "tikr.yaml:1: kafka.brokers = kafka:9092: a list of values is expected here, found a single value. "
            + "Begin each entry on its own line with '- '."),
        new("telemetry", "telemetry:\n  enabled: maybe\n  kafka: {encoding: avro, metrics_topic: a b}", "",
            "tikr.yaml:2: telemetry.enabled = maybe: true or false is expected. Write true or false.",
            "tikr.yaml:3: telemetry.kafka.metrics_topic = a b: a Kafka topic has at most 249 characters, "
            + "only letters, digits, '.', '_' and '-', and is neither '.' nor '..'. Rename it.",
            "tikr.yaml:3: telemetry.kafka.encoding = avro: one of proto, json is expected. Choose one of them."),
        new("endpoint of telemetry", "telemetry: {otlp: {endpoint: 'collector:4317', protocol: http}}",
            "TIKR_TELEMETRY_OTLP_ENDPOINT=ftp://c:21",
            $"tikr.yaml:1: telemetry.otlp.endpoint = collector:4317: {Url}",
            "tikr.yaml:1: telemetry.otlp.protocol = http: one of grpc, http/protobuf is expected. Choose one of them.",
            $"environment: TIKR_TELEMETRY_OTLP_ENDPOINT = ftp://c:21: {Url}"),
        new("limits", "ingest: {idle_key_timeout: 0s, max_keys_in_memory: 10}\nclose: {max_close_delay: 1ms}", "",
            "tikr.yaml:1: ingest.idle_key_timeout = 0s: the duration must be from 1s to 24h. Choose a value in this range.",
            "tikr.yaml:1: ingest.max_keys_in_memory = 10: a whole number from 1000 to 4194304 is expected. "
            + "Write such a number, in decimal digits only.",
            "tikr.yaml:2: close.max_close_delay = 1ms: the duration must be from 100ms to 1m. Choose a value in this range."),

        new("slip in a variable", null, "TIKR_STORAGE_TICK_TTL=6h",
            "environment: TIKR_STORAGE_TICK_TTL = 6h: no setting has this variable. "
            + "Did you mean TIKR_STORAGE_TICKS_TTL? Unset it; docs/configuration.md lists all variables."),
        new("unknown variable", null, "TIKR_COLOUR=red",
            "environment: TIKR_COLOUR = red: no setting has this variable. Unset it; docs/configuration.md lists all variables."),
        new("port variable of no setting", null, "TIKR_GRPC_PORT=9876",
            "environment: TIKR_GRPC_PORT = 9876: no setting has this variable. Unset it; docs/configuration.md lists all variables."),
        new("wrong values in variables", null, "TIKR_STORAGE_TICKS_TTL=30m TIKR_SERVER_GRPC_PORT=grpc TIKR_KAFKA_BROKERS=a:1,b",
            "environment: TIKR_KAFKA_BROKERS = b: a broker is host:port. Write for example kafka:9092.",
            $"environment: TIKR_SERVER_GRPC_PORT = grpc: {Port}",
            $"environment: TIKR_STORAGE_TICKS_TTL = 30m: {Ttl}"),
        new("two names at odds", null, "TIKR_DATA_DIR=/a TIKR_STORAGE_DATA_DIR=/b",
            "environment: TIKR_DATA_DIR = /a: the variable contradicts "
                + "TIKR_STORAGE_DATA_DIR, which sets the same key. Set one of the two."),
        new("file and environment at once", "storage: {ticks: {ttl: 1m}}", "TIKR_STORAGE_TICKS_TTL=2h TIKR_STORAGE_DURABILITY=none",
            $"tikr.yaml:1: storage.ticks.ttl = 1m: {Ttl}",
            "environment: TIKR_STORAGE_DURABILITY = none: the rocksdb store always writes a log, so it has no mode without durability. "
            + "Use os (survives the death of the process) or disk (survives power loss)."),
        new("port taken by a variable", "server: {grpc_port: 7000}", "TIKR_SERVER_HTTP_PORT=7000",
            "environment: TIKR_SERVER_HTTP_PORT = 7000: the port is also that of server.grpc_port. Give each its own port."),
    ];
}
