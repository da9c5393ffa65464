using System.Globalization;

namespace Tikr.KafkaStreams;

/// <summary>The command line: <c>[brokers] [seconds] [silo port] [gateway port]</c>.</summary>
/// <param name="Brokers">Brokers, or null for one inside this process.</param>
/// <param name="Seconds">How long to run.</param>
/// <param name="SiloPort">Port of the silo for other silos.</param>
/// <param name="GatewayPort">Port of the silo for clients.</param>
internal sealed record SampleArguments(string? Brokers, int Seconds, int SiloPort, int GatewayPort)
{
    /// <summary>Name of the stream provider.</summary>
    public const string Provider = "kafka";

    public static SampleArguments Parse(string[] args) => new(
        args is [{ Length: > 0 } brokers, ..] && brokers != "-" ? brokers : null,
        Number(args, 1, int.MaxValue), Number(args, 2, 11111), Number(args, 3, 30000));

    private static int Number(string[] args, int at, int otherwise) =>
        args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;
}
