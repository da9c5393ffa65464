namespace Tikr.Tests.Architecture;

/// <summary>Which project may depend on which: the table that the tests hold the solution to.</summary>
internal static class Layers
{
    /// <summary>Every project outside Tests, with what it may use of ours.</summary>
    public static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Contracts"] = [],
        ["Core"] = [],
        ["Storage"] = ["Core"],
        ["Storage.RocksDb"] = ["Core", "Storage"],
        ["Storage.Timescale"] = ["Core", "Storage"],
        ["Grains.Interfaces"] = ["Core"],
        ["Grains"] = ["Core", "Storage", "Grains.Interfaces"],
        ["Gateway"] = ["Contracts", "Core", "Storage", "Grains.Interfaces"],
        ["Orleans.Postgres"] = [],
        ["Streaming.Kafka"] = [],
        ["Streaming.Bars"] = ["Core", "Streaming.Kafka"],
        ["BarConsumer"] = ["Streaming.Bars", "Streaming.Kafka"],
        ["Publishing"] = ["Core", "Storage", "Grains.Interfaces", "Streaming.Kafka"],
        ["Silo"] = ["Publishing", "Streaming.Kafka", "Contracts", "Core", "Storage", "Storage.RocksDb", "Storage.Timescale",
            "Grains.Interfaces", "Grains", "Gateway", "Orleans.Postgres"],
        ["Cli"] = ["Contracts", "Core"],
        ["LoadGenerator"] = ["Contracts"],
        ["KafkaStreams"] = ["Streaming.Kafka"],
        ["KafkaRates"] = ["Core", "Storage", "Storage.RocksDb", "Publishing", "Streaming.Kafka", "Support"],
        ["Host"] = ["Contracts", "Core", "Storage", "Storage.RocksDb", "Storage.Timescale", "Grains.Interfaces",
            "Grains", "Gateway", "Orleans.Postgres", "Silo"],
        ["Micro"] = ["Core", "Storage", "Storage.RocksDb", "Contracts"],
    };

    /// <summary>Libraries that a project must stay free of, by the beginning of their assembly names.</summary>
    public static readonly Dictionary<string, string[]> Forbidden = new()
    {
        ["Contracts"] = ["Orleans", "Microsoft.AspNetCore", "RocksDb"],
        ["Core"] = ["Orleans", "Microsoft.AspNetCore", "Grpc", "Google.Protobuf", "RocksDb"],
        ["Storage"] = ["Orleans", "Microsoft.AspNetCore", "Grpc", "Google.Protobuf", "RocksDb", "Npgsql"],
        ["Storage.RocksDb"] = ["Orleans", "Microsoft.AspNetCore", "Grpc", "Google.Protobuf", "Npgsql"],
        ["Storage.Timescale"] = ["Orleans", "Microsoft.AspNetCore", "Grpc", "Google.Protobuf", "RocksDb"],
        ["Grains.Interfaces"] = ["Microsoft.AspNetCore", "Grpc", "Google.Protobuf", "RocksDb"],
        ["Grains"] = ["Microsoft.AspNetCore", "Grpc", "Google.Protobuf", "RocksDb"],
        ["Gateway"] = ["RocksDb"],
        ["Orleans.Postgres"] = ["Microsoft.AspNetCore", "Grpc", "Google.Protobuf", "RocksDb"],
        ["Streaming.Kafka"] = ["Grpc", "Google.Protobuf", "RocksDb", "Npgsql"],
        ["Streaming.Bars"] = ["Microsoft.AspNetCore", "Grpc", "Google.Protobuf", "RocksDb", "Npgsql"],
        ["Publishing"] = ["Grpc", "Google.Protobuf", "RocksDb", "Npgsql"],
        ["Cli"] = ["Orleans", "Microsoft.AspNetCore", "RocksDb"],
        ["LoadGenerator"] = ["Orleans", "Microsoft.AspNetCore", "RocksDb"],
    };

    /// <summary>The projects of the table, one test case each.</summary>
    public static TheoryData<string> Names => [.. Allowed.Keys];
}
